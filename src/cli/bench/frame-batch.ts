import type { ByteStream } from "../../transport/index.ts";
import type { Opcode } from "../../websocket/index.ts";
import { writeMarkerTime } from "./marker.ts";
import { MASKED_DIGITS, maskedFrame, maskedHeaderBytes } from "./masked-frame.ts";
import { NUMBER_DIGITS, type RenderedMessage } from "./template.ts";

/** What a batch needs of a stream. */
export type BatchStream = Pick<ByteStream, "write" | "pendingBytes">;

/** Numbers the messages of a process. */
export interface MessageNumbers {
  next: number;
}

/**
 * Copies of one frame in one buffer, so that several messages go out in one write. Each is built once; before it is sent again,
 * only its time and its number are written into it.
 */
export class FrameBatch {
  readonly frameBytes: number;
  readonly #frame: Buffer;
  readonly #markerAt: number;
  readonly #numberAt: number;
  readonly #numbers: MessageNumbers;
  #frames: Buffer;
  /** Buffers that a stream hasn't written yet, and must stay as they are until then. */
  #lent: { readonly stream: BatchStream; readonly buffer: Buffer }[] = [];

  constructor(opcode: Opcode, message: RenderedMessage, numbers: MessageNumbers) {
    const headerBytes = maskedHeaderBytes(message.payload.length);
    this.#frame = maskedFrame(opcode, message.payload);
    this.frameBytes = this.#frame.length;
    this.#markerAt = message.markerAt < 0 ? -1 : headerBytes + message.markerAt;
    this.#numberAt = message.numberAt < 0 ? -1 : headerBytes + message.numberAt;
    this.#numbers = numbers;
    this.#frames = Buffer.from(this.#frame);
  }

  /** Makes room for so many frames. */
  reserve(count: number): void {
    const needed = count * this.frameBytes;
    if (this.#frames.length < needed) this.#frames = this.#copies(needed);
  }

  /** Writes the time of a frame, and its number; there must be room for it. */
  stamp(index: number, micros: number): void {
    const at = index * this.frameBytes;
    if (this.#markerAt >= 0) writeMarkerTime(this.#frames, at + this.#markerAt, micros, MASKED_DIGITS);
    if (this.#numberAt >= 0) this.#writeNumber(at + this.#numberAt);
  }

  /** Sends the first frames in one write. */
  send(stream: BatchStream, count: number): void {
    const buffer = this.#frames;
    if (stream.write(buffer.subarray(0, count * this.frameBytes))) return;
    this.#lent.push({ stream, buffer });
    this.#frames = this.#takeBack(buffer.length) ?? this.#copies(buffer.length);
  }

  #writeNumber(at: number): void {
    let rest = this.#numbers.next++;
    for (let digit = NUMBER_DIGITS - 1; digit >= 0; digit--) {
      const tenth = Math.floor(rest / 10);
      this.#frames[at + digit] = MASKED_DIGITS[rest - tenth * 10] as number;
      rest = tenth;
    }
  }

  #takeBack(bytes: number): Buffer | undefined {
    const at = this.#lent.findIndex(({ stream }) => stream.pendingBytes === 0);
    if (at === -1) return undefined;
    const [free] = this.#lent.splice(at, 1);
    // One from before the batch grew is too small, and is let go.
    return free?.buffer.length === bytes ? free.buffer : undefined;
  }

  #copies(bytes: number): Buffer {
    return Buffer.allocUnsafeSlow(bytes).fill(this.#frame);
  }
}
