// Not larger: a peer that stops reading may keep one from being used again for as long as it is connected.
const ARENA_BYTES = 64 * 1024;

/**
 * Where the frames of one flush are encoded, one after the other. What one connection sends in a row lies in a row, so that it
 * is written in one call without being copied, and an idle connection holds no buffer at all.
 */
export class FrameArena {
  bytes: Buffer = Buffer.allocUnsafeSlow(ARENA_BYTES);
  /** Where the next frame starts. */
  end = 0;
  #retained = false;

  /** Whether so many bytes still fit. */
  has(bytes: number): boolean {
    return this.end + bytes <= ARENA_BYTES;
  }

  /** The kernel has not taken all of a write: these bytes must stay as they are, so that the next flush gets others. */
  retain(): void {
    this.#retained = true;
  }

  /** Nothing that was encoded here is waiting to be written any more. */
  reset(): void {
    this.end = 0;
    if (!this.#retained) return;
    this.#retained = false;
    this.bytes = Buffer.allocUnsafeSlow(ARENA_BYTES);
  }
}
