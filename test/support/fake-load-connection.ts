import type { LoadConnection, Place } from "../../src/cli/bench/connection.ts";
import { FrameBatch } from "../../src/cli/bench/frame-batch.ts";
import type { Load } from "../../src/cli/bench/load.ts";
import { parseTemplate, renderTemplate } from "../../src/cli/bench/template.ts";
import { serverFrame } from "./server-bytes.ts";

/** A stream that keeps what is written to it. */
export class FakeBatchStream {
  writes: Buffer[] = [];
  pendingBytes = 0;

  write(bytes: Uint8Array): boolean {
    this.writes.push(Buffer.from(bytes));
    return true;
  }
}

/** What a client's frame carries. */
export function unmasked(frame: Buffer): string {
  const length = (frame[1] as number) & 0x7f;
  const key = frame.subarray(2, 6);
  return Buffer.from(
    frame.subarray(6, 6 + length).map((byte, at) => byte ^ (key[at & 3] as number)),
  ).toString();
}

/** A connection without a network, whose messages are a marker and a few bytes. */
export class FakeLoadConnection {
  readonly place: Place;
  readonly stream: FakeBatchStream = new FakeBatchStream();
  readonly batch: FrameBatch;
  readonly scanner: ReturnType<Load["createScanner"]>;
  readonly #load: Load;
  sent = 0;
  isOpen = true;

  constructor(load: Load, place: Partial<Place> = {}) {
    this.#load = load;
    this.place = { index: 0, group: 0, isSlow: false, ...place };
    this.scanner = load.createScanner({ onControl: () => {}, onPrompt: () => {} });
    const message = renderTemplate(parseTemplate("%tab", "message"), { index: 0, group: 0, size: 0 });
    this.batch = new FrameBatch(1, message, { next: 1 });
  }

  /** What it has written since the last call, write by write, each a list of messages. */
  takeWrites(): string[][] {
    const writes = this.stream.writes.map((bytes) => {
      const frames: string[] = [];
      for (let at = 0; at < bytes.length; at += this.batch.frameBytes)
        frames.push(unmasked(bytes.subarray(at)));
      return frames;
    });
    this.stream.writes = [];
    return writes;
  }

  /** Messages arrive in one read. */
  receive(...messages: string[]): void {
    const bytes = Buffer.concat(messages.map((message) => serverFrame(0x81, message)));
    this.scanner.scan(bytes, 0, bytes.length);
    this.#load.onRead(this.real);
  }

  /** As what it stands for. */
  get real(): LoadConnection {
    return this as unknown as LoadConnection;
  }
}

/** A marker of so many microseconds. */
export function markerText(micros: number): string {
  return `@${Math.floor(micros).toString(16).padStart(10, "0")}@`;
}

/** The time in a message's marker, in microseconds. */
export function markerTime(message: string): number {
  return Number.parseInt(/@([0-9a-f]{10})@/.exec(message)?.[1] ?? "", 16);
}
