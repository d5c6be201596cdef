import { Opcode } from "../../websocket/index.ts";
import { FrameBatch, type MessageNumbers } from "./frame-batch.ts";
import { hasPlaceholder, renderTemplate, type Template } from "./template.ts";

/** Numbers begin here, so that each has ten digits, and fits into 32 bits for a long time. */
const FIRST_NUMBER = 1_000_000_001;
const NUMBER_COUNT = 3_200_000_000;

/** The numbers for the messages of one of several processes: none is given out twice. */
export function messageNumbers(process: number, processes: number): MessageNumbers {
  return { next: FIRST_NUMBER + Math.floor((NUMBER_COUNT / processes) * process) };
}

/** How messages are made. */
export interface MessageFormat {
  readonly template: Template;
  readonly size: number;
  readonly isBinary: boolean;
}

/** The batches of one template: connections whose messages are the same share one. */
export class MessageSource {
  readonly #format: MessageFormat;
  readonly #numbers: MessageNumbers;
  readonly #batches = new Map<number, FrameBatch>();
  readonly #isForConnection: boolean;
  readonly #isForGroup: boolean;

  constructor(format: MessageFormat, numbers: MessageNumbers) {
    this.#format = format;
    this.#numbers = numbers;
    this.#isForConnection = hasPlaceholder(format.template, "i");
    this.#isForGroup = hasPlaceholder(format.template, "r");
  }

  /** What a connection sends. */
  batchFor(index: number, group: number): FrameBatch {
    const key = this.#isForConnection ? index : this.#isForGroup ? group : 0;
    let batch = this.#batches.get(key);
    if (batch === undefined) {
      const { template, size, isBinary } = this.#format;
      const message = renderTemplate(template, { index, group, size });
      batch = new FrameBatch(isBinary ? Opcode.binary : Opcode.text, message, this.#numbers);
      this.#batches.set(key, batch);
    }
    return batch;
  }
}
