import { TokenBucket } from "../internal/token-bucket.ts";
import type { ConnectionOptions } from "./connection-options.ts";

// A read can be as large as the receive buffer, so that a burst must be at least that.
const MIN_BURST_BYTES = 64 * 1024;

/** How much a peer sends. There is none where no limit is set, so that it costs nothing. */
export class PeerRate {
  readonly #messages: TokenBucket | null;
  readonly #bytes: TokenBucket | null;

  private constructor(options: ConnectionOptions) {
    this.#messages = bucket(options.maxMessagesPerSecond, 1);
    this.#bytes = bucket(options.maxBytesPerSecond, MIN_BURST_BYTES);
  }

  /** The rate of a new connection; null where there is no limit. */
  static of(options: ConnectionOptions): PeerRate | null {
    const unlimited = options.maxMessagesPerSecond === null && options.maxBytesPerSecond === null;
    return unlimited ? null : new PeerRate(options);
  }

  /** Whether one more message or control frame is within the limit. */
  takesMessage(): boolean {
    return this.#messages?.take(1, performance.now()) ?? true;
  }

  /** Whether so many more bytes are. */
  takesBytes(bytes: number): boolean {
    return this.#bytes?.take(bytes, performance.now()) ?? true;
  }
}

function bucket(ratePerSecond: number | null, minBurst: number): TokenBucket | null {
  if (ratePerSecond === null) return null;
  return new TokenBucket({ ratePerSecond, burst: Math.max(ratePerSecond, minBurst) });
}
