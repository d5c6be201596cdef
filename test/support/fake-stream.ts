import type { Socket } from "node:net";
import type { ByteStream, StreamReader } from "../../src/transport/byte-stream.ts";

const NO_READER: StreamReader = { onBytes() {}, onWritten() {}, onEnd() {}, onClosed() {} };

/**
 * A byte stream without a socket: it keeps what is written, and takes as much of it as it is told to. Like a kernel, it looks at
 * bytes that it could not take at once only when it takes them, so that a buffer that was used again too early shows. And it
 * insists on what a send buffer promises: no write while another one is pending.
 */
export class FakeStream implements ByteStream {
  readonly remoteAddress: string;
  readonly remotePort: number = 50_000;
  encrypted = false;
  /** How many more bytes are taken at once. */
  room: number = Number.POSITIVE_INFINITY;
  /** The sizes of all writes so far. */
  readonly writes: number[] = [];
  isReading = false;
  isShared = false;
  isEnded = false;
  isDestroyed = false;
  reader: StreamReader = NO_READER;
  readonly #taken: Buffer[] = [];
  #pending: Buffer[] = [];

  constructor(remoteAddress = "192.0.2.1") {
    this.remoteAddress = remoteAddress;
  }

  get pendingBytes(): number {
    return this.isDestroyed ? 0 : total(this.#pending);
  }

  /** Whether a write is pending. */
  get isBlocked(): boolean {
    return this.#pending.length > 0;
  }

  /** All bytes that were taken. */
  get taken(): Buffer {
    return Buffer.concat(this.#taken);
  }

  open(reader: StreamReader): void {
    this.reader = reader;
    this.isReading = true;
  }

  shareReceiveBuffer(): void {
    this.isShared = true;
  }

  pause(): void {
    this.isReading = false;
  }

  resume(): void {
    this.isReading = true;
  }

  write(bytes: Buffer): boolean {
    return this.writeAll([bytes]);
  }

  writeAll(chunks: Buffer[]): boolean {
    if (this.isDestroyed) return false;
    if (this.isBlocked) throw new Error("written while another write is pending");
    if (this.isEnded) throw new Error("written after the end");
    this.writes.push(total(chunks));
    for (const chunk of chunks) {
      const fits = Math.min(this.room, chunk.length);
      this.room -= fits;
      this.#taken.push(Buffer.from(chunk.subarray(0, fits)));
      if (fits < chunk.length) this.#pending.push(chunk.subarray(fits));
    }
    return !this.isBlocked;
  }

  end(): void {
    this.isEnded = true;
  }

  reset(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    queueMicrotask(() => this.reader.onClosed());
  }

  toSocket(): Socket {
    throw new Error("a fake stream can't become a socket");
  }

  /** Takes what is pending, and so many bytes more at once. */
  accept(room: number = Number.POSITIVE_INFINITY): void {
    this.room = room;
    if (!this.isBlocked || this.isDestroyed) return;
    for (const chunk of this.#pending) this.#taken.push(Buffer.from(chunk));
    this.#pending = [];
    this.reader.onWritten();
  }

  /** Has bytes come in; like a real one, from a buffer that is used again once it is shared. */
  receive(bytes: Buffer): void {
    const chunk = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")]);
    this.reader.onBytes(chunk, 6, 6 + bytes.length);
    if (this.isShared) chunk.fill(0xff);
  }
}

function total(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
