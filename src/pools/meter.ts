import { channels } from "../diagnostics/index.ts";
import { SluiceError, type SluiceErrorCode } from "../errors/index.ts";
import type { PoolStats } from "./pool-stats.ts";
import { RollingTimes } from "./rolling-times.ts";

/** What a pool knows of itself at the moment. */
export type Gauges = Pick<PoolStats, "size" | "maxSize" | "idle" | "busy" | "waiting" | "breaker">;

/** The figures of a pool, and what is published of it. */
export class Meter {
  readonly #pool: string;
  readonly #acquire = new RollingTimes();
  readonly #work = new RollingTimes();
  #queries = 0;
  #errors = 0;
  #timeouts = 0;
  #refused = 0;
  #connects = 0;

  /** @param pool the pool's name */
  constructor(pool: string) {
    this.#pool = pool;
  }

  /**
   * A piece of work has ended.
   *
   * @param statement what it was, without any data
   * @param waitedMs how long its caller had waited for its turn; 0 if it hadn't
   * @param startedAt when it began, by `performance.now()`
   * @param error why it failed; undefined if it didn't
   */
  ended(statement: string, waitedMs: number, startedAt: number, error: unknown): void {
    const now = performance.now();
    const durationMs = now - startedAt;
    this.#acquire.record(waitedMs, now);
    this.#work.record(durationMs, now);
    this.#queries += 1;
    if (error !== undefined) {
      this.#errors += 1;
      if (isTimeout(error)) this.#timeouts += 1;
    }
    if (channels.poolQuery.hasSubscribers)
      channels.poolQuery.publish({ pool: this.#pool, statement, waitedMs, durationMs, error });
  }

  /** A caller was refused before its work began. */
  refused(code: SluiceErrorCode): void {
    if (code === "SLUICE_POOL_FULL" || code === "SLUICE_POOL_TIMEOUT") this.#refused += 1;
    if (channels.poolRefused.hasSubscribers) channels.poolRefused.publish({ pool: this.#pool, code });
  }

  /** A connection was made or a thread started, which took so many milliseconds. */
  connected(durationMs: number): void {
    this.#connects += 1;
    if (channels.poolConnect.hasSubscribers) channels.poolConnect.publish({ pool: this.#pool, durationMs });
  }

  /** A connection or a thread is gone. */
  disconnected(reason: string): void {
    if (channels.poolDisconnect.hasSubscribers) channels.poolDisconnect.publish({ pool: this.#pool, reason });
  }

  /** Everything, with what only the pool itself knows. */
  stats(gauges: Gauges): PoolStats {
    const now = performance.now();
    return {
      ...gauges,
      acquireMs: this.#acquire.percentiles(now),
      queryMs: this.#work.percentiles(now),
      queries: this.#queries,
      errors: this.#errors,
      timeouts: this.#timeouts,
      refused: this.#refused,
      connects: this.#connects,
    };
  }
}

function isTimeout(error: unknown): boolean {
  const code = error instanceof SluiceError ? error.code : undefined;
  return code === "SLUICE_QUERY_TIMEOUT" || code === "SLUICE_LOAD_TIMEOUT";
}
