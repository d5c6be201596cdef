/** A window begins with room for so much, and doubles: many connections never say more than that. */
const FIRST_BYTES = 512;

/**
 * The last bytes of all that went one way, before it was compressed: what the next message may refer back to when the
 * context is taken over (RFC 7692 §7.2.1, §7.2.2). It replaces a zlib stream that would live as long as the connection.
 */
export class SlidingWindow {
  readonly #size: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** @param windowBits It holds 2 to this power of bytes. */
  constructor(windowBits: number) {
    this.#size = 2 ** windowBits;
  }

  /** What it holds, oldest first; valid until the next {@link append}. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Bytes of memory taken. */
  get allocatedBytes(): number {
    return this.#bytes.length;
  }

  /** Takes a copy of the end of a message, and lets go of what is too far back. */
  append(message: Uint8Array): void {
    const added = message.length < this.#size ? message : message.subarray(message.length - this.#size);
    const kept = Math.min(this.#length, this.#size - added.length);
    this.#makeRoom(kept + added.length);
    this.#bytes.copyWithin(0, this.#length - kept, this.#length);
    this.#bytes.set(added, kept);
    this.#length = kept + added.length;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const grown = Math.min(this.#size, Math.max(bytes, this.#bytes.length * 2, FIRST_BYTES));
    // Not of the pool, whose other parts it would keep alive.
    const larger = Buffer.allocUnsafeSlow(grown);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
