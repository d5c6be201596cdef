/** Times in milliseconds, of the last ten to twenty seconds; all 0 if there was nothing to measure. */
export interface Percentiles {
  /** How many were measured. */
  readonly count: number;
  /** Half of them took no longer. */
  readonly p50: number;
  /** Nine of ten took no longer. */
  readonly p90: number;
  /** 99 of 100 took no longer. */
  readonly p99: number;
  /** The longest. */
  readonly max: number;
}

/** What a pool does and has done. */
export interface PoolStats {
  /** Connections or threads that exist. */
  readonly size: number;
  /** The most that may exist. */
  readonly maxSize: number;
  /** Of those that exist, how many have nothing to do. */
  readonly idle: number;
  /** Of those that exist, how many are at work. */
  readonly busy: number;
  /** Callers that wait for their turn. */
  readonly waiting: number;
  /** How long callers waited for their turn. */
  readonly acquireMs: Percentiles;
  /** How long the work itself took. */
  readonly queryMs: Percentiles;
  /** Pieces of work done so far, however they ended. */
  readonly queries: number;
  /** How many of them failed. */
  readonly errors: number;
  /** How many ran into their deadline. */
  readonly timeouts: number;
  /** How many were refused because too many were waiting, or had waited for too long. */
  readonly refused: number;
  /** Connections made, or threads started, so far. */
  readonly connects: number;
  /** Whether calls go through (`closed`), are refused at once because the server is down (`open`), or one is let through to see (`half-open`). */
  readonly breaker: "closed" | "open" | "half-open";
}

/** Of nothing that was measured. */
export const noTimes: Percentiles = Object.freeze({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });

/** Of a pool that has no connections and has done nothing. */
export const noStats: PoolStats = Object.freeze({
  size: 0,
  maxSize: 0,
  idle: 0,
  busy: 0,
  waiting: 0,
  acquireMs: noTimes,
  queryMs: noTimes,
  queries: 0,
  errors: 0,
  timeouts: 0,
  refused: 0,
  connects: 0,
  breaker: "closed",
});
