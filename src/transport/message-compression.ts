import { type DeflateParams, Deflater, type InflateResult, Inflater } from "../websocket/index.ts";
import type { CompressionOptions } from "./connection-options.ts";

// Deflating more than this at once would hold the loop for more than a few milliseconds, so that larger messages go as they are.
const MAX_DEFLATE_BYTES = 256 * 1024;

// What can't inflate to more than this is inflated at once; the rest in zlib's threads, while this connection stops reading.
const MAX_SYNC_INFLATE_BYTES = 1024 * 1024;

// The ratio counts from here on: a small message of one letter compresses very well.
const RATIO_FROM_BYTES = 64 * 1024;

/** Permessage-deflate on one connection (RFC 7692 §7). */
export class MessageCompression {
  readonly #inflater: Inflater;
  readonly #deflater: Deflater;
  readonly #thresholdBytes: number;
  readonly #maxMessageBytes: number;
  readonly #maxRatio: number;
  readonly #takesOver: boolean;

  constructor(params: DeflateParams, options: CompressionOptions, maxMessageBytes: number) {
    this.#thresholdBytes = options.thresholdBytes;
    this.#maxMessageBytes = maxMessageBytes;
    this.#maxRatio = options.maxRatio;
    this.#takesOver = !params.serverNoContextTakeover;
    this.#inflater = new Inflater({
      windowBits: params.clientMaxWindowBits,
      contextTakeover: !params.clientNoContextTakeover,
      maxOutputBytes: maxMessageBytes,
      maxRatio: options.maxRatio,
    });
    this.#deflater = new Deflater({
      windowBits: params.serverMaxWindowBits,
      contextTakeover: !params.serverNoContextTakeover,
      level: options.level,
      memLevel: options.memLevel,
    });
  }

  /**
   * Whether a message of so many bytes is worth compressing.
   *
   * @param mayBeDropped Whether it may not be sent after all: later ones couldn't refer back to it (RFC 7692 §7.1.1).
   */
  compresses(bytes: number, mayBeDropped: boolean): boolean {
    if (mayBeDropped && this.#takesOver) return false;
    return bytes >= this.#thresholdBytes && bytes <= MAX_DEFLATE_BYTES;
  }

  /** Compresses a payload. */
  deflate(payload: Buffer): Buffer {
    return this.#deflater.deflate(payload);
  }

  /** Inflates a payload; `done` is called once, before this returns if the message is small. */
  inflate(payload: Buffer, done: (result: InflateResult) => void): void {
    const most = Math.min(this.#maxMessageBytes, Math.max(RATIO_FROM_BYTES, payload.length * this.#maxRatio));
    if (most <= MAX_SYNC_INFLATE_BYTES) done(this.#inflater.inflate(payload));
    else this.#inflater.inflateAsync(payload, done);
  }
}
