import { inflateRaw, inflateRawSync, type ZlibOptions } from "node:zlib";
import { SlidingWindow } from "./sliding-window.ts";
import { chunkBytes, ownBytes } from "./zlib-chunks.ts";
import { runZlibJob } from "./zlib-jobs.ts";

/** How messages from the peer are inflated. */
export interface InflaterOptions {
  /** The sender's window is 2 to this power of bytes: 8 to 15. */
  readonly windowBits: number;
  /** Whether a message may refer back to those before it. */
  readonly contextTakeover: boolean;
  /** The largest message, in bytes after inflation. */
  readonly maxOutputBytes: number;
  /** How many times its compressed size a message may have, beyond the first 64 KiB that any message may have. */
  readonly maxRatio: number;
}

/**
 * What became of a compressed message: its bytes; "too-big" if a limit was passed, which is to be answered with 1009; or
 * "corrupt" if it isn't deflate data with a whole last block, 1007.
 */
export type InflateResult =
  | { readonly kind: "ok"; readonly bytes: Buffer }
  | { readonly kind: "too-big" }
  | { readonly kind: "corrupt" };

/** A short message may well be made of what stood in the one before it; its ratio says nothing. */
const RATIO_FLOOR_BYTES = 65_536;

/**
 * RFC 7692 §7.2.2: the sender has removed 00 00 FF FF. An empty final block follows, so that zlib itself says whether the
 * data ended where a block ends.
 */
const TAIL: Buffer = Buffer.from([0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff]);

/**
 * §7.2.3.4: a sender may set the "final" bit in a block, after which inflation begins anew. Each beginning costs as much
 * as a short message, so that a message made of nothing else would hold up the process.
 */
const MAX_FINAL_BLOCKS = 16;

/** Messages up to this size are put together with their tail in one buffer that is used again and again. */
const SCRATCH_BYTES = 65_536;
const scratch: Buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES + TAIL.length);

const TOO_BIG: InflateResult = Object.freeze({ kind: "too-big" });
const CORRUPT: InflateResult = Object.freeze({ kind: "corrupt" });

/** A message on its way through one or more beginnings of inflation. */
interface Inflation {
  readonly input: Buffer;
  /** Bytes of the message in `input`, without the tail. */
  readonly payloadBytes: number;
  readonly maxBytes: number;
  /** What the next beginning may refer back to. */
  window: SlidingWindow | undefined;
  /** What zlib's output is gathered in. */
  readonly chunkSize: number;
  /** How much of the input was consumed. */
  at: number;
  finalBlocks: number;
  readonly parts: Buffer[];
  totalBytes: number;
}

/** What zlib gives with `info: true`; its types don't know of it. */
interface InflatedWithEngine {
  readonly buffer: Buffer;
  /** `bytesWritten`: how much of the input was consumed. */
  readonly engine: { readonly bytesWritten: number };
}

/**
 * Inflates one message after the other (RFC 7692 §7.2.2). Between messages it holds its window and nothing of zlib's; the
 * window is zlib's dictionary for the next message. After a result that isn't "ok" the connection has to be failed, as
 * the window no longer matches the sender's.
 */
export class Inflater {
  readonly #options: InflaterOptions;
  readonly #window: SlidingWindow | undefined;
  #isBusy = false;

  constructor(options: InflaterOptions) {
    this.#options = options;
    this.#window = options.contextTakeover ? new SlidingWindow(options.windowBits) : undefined;
  }

  /** Bytes of memory that the window takes. */
  get windowBytes(): number {
    return this.#window?.allocatedBytes ?? 0;
  }

  /**
   * Inflates a message at once: for short ones.
   *
   * @throws Error while an {@link inflateAsync} is under way
   */
  inflate(payload: Buffer): InflateResult {
    this.#assertIdle();
    if (payload.length === 0) return emptyMessage();
    const inflation = this.#begin(payload, payload.length <= SCRATCH_BYTES ? scratch : undefined);
    for (;;) {
      let result: InflateResult | undefined;
      try {
        const rest = inflation.input.subarray(inflation.at);
        result = this.#advance(inflation, withEngine(inflateRawSync(rest, this.#zlibOptions(inflation))));
      } catch (error) {
        result = resultOf(error);
      }
      if (result !== undefined) return result;
    }
  }

  /**
   * Inflates a message in zlib's threads: for long ones. One at a time for each inflater, in the order of the messages;
   * a few at a time for the whole process.
   *
   * @param payload Not to be changed until it is done.
   * @param done Called exactly once, also if the connection has gone meanwhile: later, unless there is
   *   nothing to inflate or zlib can't even begin.
   * @throws Error while another one is under way
   */
  inflateAsync(payload: Buffer, done: (result: InflateResult) => void): void {
    this.#assertIdle();
    if (payload.length === 0) {
      done(emptyMessage());
      return;
    }
    this.#isBusy = true;
    runZlibJob((finished) => {
      const inflation = this.#begin(payload, undefined);
      this.#inflateRest(inflation, (result) => {
        this.#isBusy = false;
        finished();
        done(result);
      });
    });
  }

  #inflateRest(inflation: Inflation, done: (result: InflateResult) => void): void {
    const rest = inflation.input.subarray(inflation.at);
    try {
      inflateRaw(rest, this.#zlibOptions(inflation), (error, inflated) => {
        const result = error === null ? this.#advance(inflation, withEngine(inflated)) : resultOf(error);
        if (result === undefined) this.#inflateRest(inflation, done);
        else done(result);
      });
    } catch (error) {
      done(resultOf(error));
    }
  }

  #assertIdle(): void {
    if (this.#isBusy) throw new Error("A message is being inflated: the next depends on it");
  }

  #begin(payload: Buffer, target: Buffer | undefined): Inflation {
    const { maxOutputBytes, maxRatio } = this.#options;
    const bytes = payload.length;
    const input = (target ?? Buffer.allocUnsafe(bytes + TAIL.length)).subarray(0, bytes + TAIL.length);
    payload.copy(input);
    TAIL.copy(input, bytes);
    const maxBytes = Math.min(maxOutputBytes, Math.max(RATIO_FLOOR_BYTES, Math.floor(bytes * maxRatio)));
    const chunkSize = chunkBytes(Math.min(bytes * 4, maxBytes));
    const window = this.#window;
    const progress = { at: 0, finalBlocks: 0, parts: [], totalBytes: 0 };
    return { input, payloadBytes: bytes, maxBytes, chunkSize, window, ...progress };
  }

  #zlibOptions(inflation: Inflation): ZlibOptions {
    const { windowBits } = this.#options;
    const remaining = inflation.maxBytes - inflation.totalBytes;
    const options: ZlibOptions = {
      windowBits,
      // zlib's own least; whether one byte was too many is seen in #advance.
      maxOutputLength: Math.max(remaining, 1),
      chunkSize: inflation.chunkSize,
      info: true,
    };
    const dictionary = inflation.window?.content;
    return dictionary === undefined || dictionary.length === 0 ? options : { ...options, dictionary };
  }

  /** Takes what one beginning brought. @returns undefined if another has to follow */
  #advance(inflation: Inflation, { buffer, engine }: InflatedWithEngine): InflateResult | undefined {
    inflation.parts.push(buffer);
    inflation.totalBytes += buffer.length;
    inflation.at += engine.bytesWritten;
    if (inflation.totalBytes > inflation.maxBytes) return TOO_BIG;
    // What ends with the payload itself ends with a final block of the sender's, without the empty block that should
    // follow (§7.2.1): there is no doubt about what it says.
    const isWhole = inflation.at === inflation.input.length || inflation.at === inflation.payloadBytes;
    if (!isWhole) {
      inflation.finalBlocks++;
      if (inflation.at > inflation.payloadBytes || inflation.finalBlocks > MAX_FINAL_BLOCKS) return CORRUPT;
      inflation.window ??= new SlidingWindow(this.#options.windowBits);
    }
    inflation.window?.append(buffer);
    return isWhole ? join(inflation) : undefined;
  }
}

/** A message without any data isn't what §7.2.3.6 asks for (one byte, 00), but it is sent, and can't be mistaken. */
function emptyMessage(): InflateResult {
  return { kind: "ok", bytes: Buffer.alloc(0) };
}

function join({ parts, chunkSize }: Inflation): InflateResult {
  const [first, ...others] = parts;
  const isOne = first !== undefined && others.length === 0;
  const bytes = isOne ? ownBytes(first, chunkSize) : Buffer.concat(parts);
  return { kind: "ok", bytes };
}

function resultOf(error: unknown): InflateResult {
  return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? TOO_BIG : CORRUPT;
}

function withEngine(inflated: Buffer): InflatedWithEngine {
  return inflated as unknown as InflatedWithEngine;
}
