import { FIN } from "../../websocket/index.ts";

const LENGTH_BITS = 0x7f;
const CONTROL_BIT = 0x8;

/** The header of a frame that a server sends, read byte by byte: any of it may come in another chunk (RFC 6455 §5.2). */
export class FrameHeader {
  #seen = 0;
  #firstByte = 0;
  #length = 0;
  #lengthMissing = 0;

  /** Whether nothing of the next header has been read. */
  get isBlank(): boolean {
    return this.#seen === 0;
  }

  /** Of the last header that was complete: the length of its payload. */
  get payloadBytes(): number {
    return this.#length;
  }

  /** Of the last header that was complete. */
  get opcode(): number {
    return this.#firstByte & 0xf;
  }

  /** Of the last header that was complete: whether it is a close, ping or pong frame's. */
  get isControl(): boolean {
    return (this.#firstByte & CONTROL_BIT) !== 0;
  }

  /** Of the last header that was complete: whether the frame ends its message. */
  get isFinal(): boolean {
    return (this.#firstByte & FIN) !== 0;
  }

  /** @returns whether the header is complete */
  read(byte: number): boolean {
    this.#seen++;
    if (this.#seen === 1) {
      this.#firstByte = byte;
      return false;
    }
    if (this.#seen === 2) {
      const length = byte & LENGTH_BITS;
      this.#lengthMissing = length === 126 ? 2 : length === 127 ? 8 : 0;
      this.#length = this.#lengthMissing === 0 ? length : 0;
    } else {
      this.#lengthMissing--;
      this.#length = this.#length * 256 + byte;
    }
    if (this.#lengthMissing > 0) return false;
    this.#seen = 0;
    return true;
  }
}
