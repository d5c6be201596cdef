import { maxTextFrameBytes, writeTextFrame } from "../websocket/index.ts";

// Room for the longest that a text of 1 MiB can become. What isn't written to isn't backed by memory.
const KEPT_UP_TO_BYTES = 3 * 1024 * 1024 + 16;

/**
 * Where the frame of a large text is encoded, to be written at once. Fresh memory of such a size costs more than encoding into it: page
 * faults, and work for the garbage collector. So it is used again, unless the kernel has not taken all of it.
 */
export class TextScratch {
  #bytes: Buffer = Buffer.alloc(0);

  /** The frame; valid until the next one, or for good once {@link retain} is called. */
  encode(text: string): Buffer {
    const target = this.#reserve(maxTextFrameBytes(text));
    return target.subarray(0, writeTextFrame(target, 0, text));
  }

  /** The frame made last is still needed. */
  retain(): void {
    this.#bytes = Buffer.alloc(0);
  }

  #reserve(bytes: number): Buffer {
    if (this.#bytes.length >= bytes) return this.#bytes;
    const fresh = Buffer.allocUnsafeSlow(bytes);
    if (bytes <= KEPT_UP_TO_BYTES) this.#bytes = fresh;
    return fresh;
  }
}
