import { SluiceError } from "../errors/index.ts";
import { RingQueue } from "../internal/ring-queue.ts";
import type { ReceiveOptions } from "./connection-options.ts";

/** A message, as it is received: a string if it came as text, else bytes. */
export type ReceivedMessage = string | Buffer;

// What a queued message costs beyond its bytes, so that many tiny ones are not taken for nothing.
const MESSAGE_OVERHEAD_BYTES = 64;

const DONE: IteratorReturnResult<undefined> = Object.freeze({ value: undefined, done: true });

/** Whose inbox it is. */
export interface InboxOwner {
  readonly id: number;
  /** The inbox was full and is at its low-water marks again. */
  onInboxLow(): void;
}

/** Who takes messages as they come, instead of asking for them. */
export interface MessageConsumer {
  /** Takes one message. @returns whether it takes another right now. */
  consume(message: ReceivedMessage): boolean;
}

/**
 * Messages that have come and wait for the handler. It is what `for await` reads from; or a consumer is given them, as long as it
 * takes them. Between its marks, the connection stops reading and goes on.
 */
export class Inbox implements AsyncIterator<ReceivedMessage, undefined> {
  readonly #options: ReceiveOptions;
  readonly #owner: InboxOwner;
  #queue: RingQueue<ReceivedMessage> | null = null;
  #bytes = 0;
  #full = false;
  #ended = false;
  #asking: ((result: IteratorResult<ReceivedMessage, undefined>) => void) | null = null;
  #consumer: MessageConsumer | null = null;
  #consumerReady = false;

  constructor(options: ReceiveOptions, owner: InboxOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Whether it has been above a high-water mark, and not yet come down to the low ones. */
  get isFull(): boolean {
    return this.#full;
  }

  /** Bytes that wait, with what each message costs beyond its own. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a message in. */
  push(message: ReceivedMessage): void {
    if (this.#ended) return;
    const asking = this.#asking;
    if (asking !== null) {
      this.#asking = null;
      asking({ value: message, done: false });
    } else if (this.#consumerReady && this.#consumer !== null && this.#bytes === 0) {
      this.#consumerReady = this.#consumer.consume(message);
    } else {
      this.#enqueue(message);
    }
  }

  /** Gives messages to a consumer, those that wait first. */
  feed(consumer: MessageConsumer): void {
    this.#consumer = consumer;
    this.resume();
  }

  /** The consumer takes messages again. */
  resume(): void {
    const consumer = this.#consumer;
    if (consumer === null) return;
    this.#consumerReady = true;
    while (this.#consumerReady && this.#bytes > 0) this.#consumerReady = consumer.consume(this.#shift());
  }

  /** No more will come. What waits is still given out, unless it is dropped. */
  end(drop: boolean): void {
    this.#ended = true;
    if (drop) this.#drop();
    this.#asking?.(DONE);
    this.#asking = null;
  }

  /** The next message; done at the end. */
  next(): Promise<IteratorResult<ReceivedMessage, undefined>> {
    if (this.#bytes > 0) return Promise.resolve({ value: this.#shift(), done: false });
    if (this.#ended) return Promise.resolve(DONE);
    if (this.#asking !== null || this.#consumer !== null) {
      return Promise.reject(new SluiceError("SLUICE_ITERATOR_BUSY", { id: this.#owner.id }));
    }
    return new Promise((resolve) => {
      this.#asking = resolve;
    });
  }

  /** A loop was left early. Another one may go on. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#asking?.(DONE);
    this.#asking = null;
    return Promise.resolve(DONE);
  }

  #enqueue(message: ReceivedMessage): void {
    this.#queue ??= new RingQueue();
    this.#queue.push(message);
    this.#bytes += message.length + MESSAGE_OVERHEAD_BYTES;
    const { highWaterMessages, highWaterBytes } = this.#options;
    if (this.#queue.size >= highWaterMessages || this.#bytes >= highWaterBytes) this.#full = true;
  }

  #shift(): ReceivedMessage {
    const queue = this.#queue as RingQueue<ReceivedMessage>;
    const message = queue.shift() as ReceivedMessage;
    this.#bytes -= message.length + MESSAGE_OVERHEAD_BYTES;
    if (
      this.#full &&
      queue.size <= this.#options.lowWaterMessages &&
      this.#bytes <= this.#options.lowWaterBytes
    ) {
      this.#full = false;
      this.#owner.onInboxLow();
    }
    return message;
  }

  #drop(): void {
    this.#queue = null;
    this.#bytes = 0;
    this.#full = false;
  }
}
