/** How fast a {@link TokenBucket} fills, and how much it holds. */
export interface TokenBucketOptions {
  /** Tokens that flow in, a second. */
  readonly ratePerSecond: number;
  /** The most that it holds, and what it starts with. A larger amount can never be taken. */
  readonly burst: number;
}

/** Limits a rate while it lets bursts through. It has no timer: what flowed in is worked out when something is taken. */
export class TokenBucket {
  readonly #tokensPerMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs = 0;

  constructor(options: TokenBucketOptions) {
    this.#tokensPerMs = options.ratePerSecond / 1000;
    this.#burst = options.burst;
    this.#tokens = options.burst;
  }

  /**
   * Takes n tokens if that many are there, else none.
   *
   * @param nowMs - of any clock that doesn't go back, the same for all calls; a step back adds nothing
   * @returns whether they were there
   */
  take(n: number, nowMs: number): boolean {
    const elapsedMs = nowMs - this.#filledAtMs;
    if (elapsedMs > 0) {
      this.#tokens = Math.min(this.#burst, this.#tokens + elapsedMs * this.#tokensPerMs);
      this.#filledAtMs = nowMs;
    }
    if (n > this.#tokens) return false;
    this.#tokens -= n;
    return true;
  }
}
