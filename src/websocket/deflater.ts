import { constants, deflateRaw, deflateRawSync, type ZlibOptions } from "node:zlib";
import { SlidingWindow } from "./sliding-window.ts";
import { chunkBytes, ownBytes } from "./zlib-chunks.ts";
import { runZlibJob } from "./zlib-jobs.ts";

/** How messages to the peer are compressed. */
export interface DeflaterOptions {
  /** The window is 2 to this power of bytes: 9 to 15. */
  readonly windowBits: number;
  /** Whether a message may refer back to those before it. */
  readonly contextTakeover: boolean;
  /** zlib's compression level: 1 (fast) to 9 (small). */
  readonly level: number;
  /** zlib's memory level: 1 to 9. It takes 2^(level + 9) bytes while a message is compressed. */
  readonly memLevel: number;
}

/** §7.2.1: an empty block without compression ends the data, and the last four of its bytes are not sent. */
const TAIL_BYTES = 4;

/** The most that one block without compression holds. */
const MAX_STORED_BYTES = 65_535;

/** What deflate needs at the most for data that can't be compressed, beside the data: block headers and the tail. */
const OVERHEAD_BYTES = 64;

/**
 * Compresses one message after the other (RFC 7692 §7.2.1). Between messages it holds its window and nothing of zlib's.
 * What it returns must be sent, and in that order: the peer's window is made of it. (A message that is sent without
 * compression is not to be given to it.)
 */
export class Deflater {
  readonly #options: DeflaterOptions;
  readonly #window: SlidingWindow | undefined;
  #isBusy = false;

  constructor(options: DeflaterOptions) {
    this.#options = options;
    this.#window = options.contextTakeover ? new SlidingWindow(options.windowBits) : undefined;
  }

  /** Bytes of memory that the window takes. */
  get windowBytes(): number {
    return this.#window?.allocatedBytes ?? 0;
  }

  /**
   * Compresses a message at once: for short ones.
   *
   * @returns the payload of a frame with RSV1
   * @throws Error while a {@link deflateAsync} is under way
   */
  deflate(payload: Buffer): Buffer {
    this.#assertIdle();
    if (payload.length === 0) return emptyMessage();
    try {
      return this.#finish(payload, deflateRawSync(payload, this.#zlibOptions(payload)));
    } catch {
      return this.#storeInstead(payload);
    }
  }

  /**
   * Compresses a message in zlib's threads: for long ones. One at a time for each deflater, a few for the whole process.
   *
   * @param payload Not to be changed until it is done.
   * @param done Called exactly once, with what {@link deflate} returns, also if the connection has gone meanwhile: later,
   *   unless zlib can't even begin.
   * @throws Error while another one is under way
   */
  deflateAsync(payload: Buffer, done: (compressed: Buffer) => void): void {
    this.#assertIdle();
    this.#isBusy = true;
    runZlibJob((finished) => {
      const end = (compressed: Buffer): void => {
        this.#isBusy = false;
        finished();
        done(compressed);
      };
      try {
        deflateRaw(payload, this.#zlibOptions(payload), (error, deflated) => {
          end(error === null ? this.#finish(payload, deflated) : this.#storeInstead(payload));
        });
      } catch {
        end(this.#storeInstead(payload));
      }
    });
  }

  #assertIdle(): void {
    if (this.#isBusy) throw new Error("A message is being compressed: the next depends on it");
  }

  #zlibOptions(payload: Buffer): ZlibOptions {
    const { windowBits, level, memLevel } = this.#options;
    const dictionary = this.#window?.content;
    const options: ZlibOptions = {
      windowBits,
      level,
      memLevel,
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize: chunkSizeFor(payload),
    };
    return dictionary === undefined || dictionary.length === 0 ? options : { ...options, dictionary };
  }

  #finish(payload: Buffer, deflated: Buffer): Buffer {
    this.#window?.append(payload);
    return ownBytes(deflated.subarray(0, deflated.length - TAIL_BYTES), chunkSizeFor(payload));
  }

  // zlib fails only for want of memory. The message still gets through, and both windows still match.
  #storeInstead(payload: Buffer): Buffer {
    this.#window?.append(payload);
    return storedBlocks(payload);
  }
}

function chunkSizeFor(payload: Buffer): number {
  return chunkBytes(payload.length + OVERHEAD_BYTES);
}

/**
 * A payload as deflate data without compression (§7.2.3.3), which takes no zlib: blocks with a byte of header, their length,
 * its complement (RFC 1951 §3.2.4), and then the one byte that is sent of the empty block at the end.
 */
export function storedBlocks(payload: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < payload.length; at += MAX_STORED_BYTES) {
    const block = payload.subarray(at, at + MAX_STORED_BYTES);
    const header = Buffer.alloc(5);
    header.writeUInt16LE(block.length, 1);
    header.writeUInt16LE(block.length ^ 0xffff, 3);
    blocks.push(header, block);
  }
  return Buffer.concat([...blocks, emptyMessage()]);
}

/** §7.2.3.6 */
function emptyMessage(): Buffer {
  return Buffer.from([0x00]);
}
