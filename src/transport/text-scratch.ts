import { maxTextFrameBytes, writeTextFrame } from "../websocket/index.ts";

// Room for the longest that a text of 1 MiB can become. What isn't written to isn't backed by memory.
const KEPT_UP_TO_BYTES = 3 * 1024 * 1024 + 16;
const MAX_SPARES = 4;

const NO_BYTES = Buffer.alloc(0);

/**
 * Where the frame of a large text is encoded, to be written at once. Fresh memory of such a size costs more than encoding into it: page
 * faults, and work for the garbage collector. So it is used again: at once, or when what the kernel has not taken is written.
 */
export class TextScratch {
  #bytes: Buffer = NO_BYTES;
  readonly #spares: Buffer[] = [];

  /** The frame; valid until the next one, or until its memory is given back once it was {@link lend lent}. */
  encode(text: string): Buffer {
    const target = this.#reserve(maxTextFrameBytes(text));
    return target.subarray(0, writeTextFrame(target, 0, text));
  }

  /**
   * The frame made last is still needed.
   *
   * @returns its memory, to be given back when it isn't any more; null if it has memory of its own, as very large ones do
   */
  lend(frame: Buffer): Buffer | null {
    const bytes = this.#bytes;
    if (frame.buffer !== bytes.buffer) return null;
    this.#bytes = this.#spares.pop() ?? NO_BYTES;
    return bytes;
  }

  /** What was lent isn't needed any more. */
  giveBack(lent: Buffer): void {
    if (this.#spares.length < MAX_SPARES) this.#spares.push(lent);
  }

  #reserve(bytes: number): Buffer {
    if (this.#bytes.length >= bytes) return this.#bytes;
    const fresh = Buffer.allocUnsafeSlow(bytes);
    if (bytes <= KEPT_UP_TO_BYTES) this.#bytes = fresh;
    return fresh;
  }
}
