import { Utf8Validator } from "./utf8-validator.ts";

const FIRST_BYTES = 512;

// A buffer that is full is made so many times as large as what has arrived, which is the most that a peer can claim.
const GROWTH = 3;

// Buffers that are outgrown, and those of texts, which are done with once the text is made, are used again: a fresh one of this size costs
// page faults for all of it, and brings the next collection of the whole heap nearer.
const SPARE_FROM_BYTES = 16 * 1024;
const SPARE_UP_TO_BYTES = 1024 * 1024;
const MAX_SPARES = 4;
const spares: Buffer[] = [];

// From here on Node puts a Latin-1 string outside of V8's heap, where it counts twice towards the next collection of the whole heap: every
// ten such messages brought one. As UTF-8, it is read into the heap whatever its length.
const OUTSIDE_FROM_BYTES = 0xfbee9;

const NO_BYTES = Buffer.alloc(0);

function allocate(bytes: number, mayBeLarger: boolean): Buffer {
  const spare =
    mayBeLarger && bytes >= SPARE_FROM_BYTES ? spares.findIndex(({ length }) => length >= bytes) : -1;
  if (spare === -1) return Buffer.allocUnsafeSlow(bytes);
  return spares.splice(spare, 1)[0] as Buffer;
}

function giveBack(buffer: Buffer): void {
  const { length } = buffer;
  if (length >= SPARE_FROM_BYTES && length <= SPARE_UP_TO_BYTES && spares.length < MAX_SPARES)
    spares.push(buffer);
}

/**
 * A message that has not arrived as a whole: fragments, or one frame in several reads. Its buffer grows with what has really
 * arrived, to three times that at the most, never with what a header claims.
 */
export class MessageBuffer {
  readonly isText: boolean;
  readonly isCompressed: boolean;
  /** Frames so far, the first one and empty ones counted too. */
  fragments = 1;
  #bytes: Buffer = NO_BYTES;
  #length = 0;
  // Only for a text with something else than ASCII in it.
  #utf8: Utf8Validator | null = null;

  constructor(isText: boolean, isCompressed: boolean) {
    this.isText = isText;
    this.isCompressed = isCompressed;
  }

  /** Payload bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it holds. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /**
   * Takes unmasked payload bytes.
   *
   * @param frame What they are part of: 0 for `nonAscii` if they are all ASCII; and the most that is still to come of the message, these
   * ones included, if its last frame is in progress, else infinity.
   * @returns false if the text can't be UTF-8 any more (RFC 6455 §8.1).
   */
  append(chunk: Buffer, start: number, end: number, frame: { nonAscii: number; remaining: number }): boolean {
    this.#reserve(end - start, frame.remaining);
    chunk.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
    if (!this.isText || this.isCompressed) return true;
    if (this.#utf8 === null) {
      if (frame.nonAscii === 0) return true;
      this.#utf8 = new Utf8Validator();
    }
    return this.#utf8.write(chunk, start, end);
  }

  /** The payload as a whole; this buffer is given away with it. */
  bytes(): Buffer {
    const bytes = this.#bytes;
    this.#bytes = NO_BYTES;
    if (this.#length === bytes.length) return bytes;
    const copy = Buffer.copyBytesFrom(bytes, 0, this.#length);
    giveBack(bytes);
    return copy;
  }

  /** The text as a whole. @returns undefined if it ends within a character. */
  text(): string | undefined {
    if (this.#utf8?.complete === false) return undefined;
    const isAscii = this.#utf8 === null && this.#length < OUTSIDE_FROM_BYTES;
    const text = this.#bytes.toString(isAscii ? "latin1" : "utf8", 0, this.#length);
    giveBack(this.#bytes);
    this.#bytes = NO_BYTES;
    return text;
  }

  #reserve(bytes: number, frameRemaining: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const most = Math.max(needed * GROWTH, FIRST_BYTES);
    // What more frames will bring nobody knows, so that only the last one's length may keep it from growing so.
    const announced = this.#length + frameRemaining;
    const size = Math.max(needed, Math.min(most, announced));
    // What is going to be given away is nobody's before, and has its length.
    const isGivenAway = size === announced && (!this.isText || this.isCompressed);
    const grown = allocate(size, !isGivenAway);
    this.#bytes.copy(grown, 0, 0, this.#length);
    if (this.#length > 0) giveBack(this.#bytes);
    this.#bytes = grown;
  }
}
