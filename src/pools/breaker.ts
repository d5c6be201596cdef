import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleAll,
  type IBackoff,
} from "cockatiel";
import { channels } from "../diagnostics/index.ts";
import type { PoolStats } from "./pool-stats.ts";

const FAILURES_TO_OPEN = 3;
// Each delay is between a half and the whole of what doubling gives, at the longest too: jitter stays when growth has ended.
const BACKOFF = { initialDelay: 50, maxDelay: 1_000, generator: halfJitterGenerator };

/** What a breaker has to know. */
export interface BreakerOptions {
  /** The name of the pool, for what is published. */
  readonly pool: string;
  /** Asks the server for a sign of life; rejects if there is none. Called only while the breaker isn't closed. */
  readonly probe: () => Promise<unknown>;
}

/**
 * Keeps callers from a server that is down. It opens after a few failures in a row, and then sees by itself, at growing and
 * jittered intervals of at most a second, whether the server is back: no caller has to try, and a server that got no requests
 * because it is ill still finds out that it is well.
 *
 * While it is closed it costs a comparison: a caller looks at {@link Breaker.closed} before, and tells how it went after.
 */
export class Breaker {
  readonly #pool: string;
  readonly #probe: () => Promise<unknown>;
  readonly #policy: CircuitBreakerPolicy;
  #failures = 0;
  #reason = "";
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: BreakerOptions) {
    this.#pool = options.pool;
    this.#probe = options.probe;
    const backoff = heard(new ExponentialBackoff(BACKOFF), (delayMs) => this.#probeIn(delayMs));
    this.#policy = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
      halfOpenAfter: backoff,
    });
    this.#policy.onStateChange(() => this.#publish());
  }

  /** Whether calls go through. */
  get closed(): boolean {
    return this.#policy.state === CircuitState.Closed;
  }

  /** As in {@link PoolStats.breaker}. */
  get state(): PoolStats["breaker"] {
    if (this.#policy.state === CircuitState.Closed) return "closed";
    return this.#policy.state === CircuitState.HalfOpen ? "half-open" : "open";
  }

  /** Why it is open: the last failure's message. */
  get reason(): string {
    return this.#reason;
  }

  /** A call got through to the server, however it ended there. */
  succeeded(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    if (this.closed) this.#tell(() => Promise.resolve());
  }

  /** The server couldn't be reached. What it said is not one of these failures. */
  failed(error: unknown): void {
    this.#failures += 1;
    this.#reason = error instanceof Error ? error.message : String(error);
    if (this.closed && !this.#stopped) this.#tell(() => Promise.reject(error));
  }

  /** As so many failures in a row that it opens: the server is known to be down, and nobody else has to find out. */
  trip(error: unknown): void {
    for (let failure = 0; failure < FAILURES_TO_OPEN; failure++) this.failed(error);
  }

  /** Sees no more after the server. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #probeIn(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#tell(() => this.#seen()), delayMs);
    // A process that has nothing else to do needn't stay for this.
    this.#timer.unref();
  }

  async #seen(): Promise<void> {
    try {
      await this.#probe();
      this.#failures = 0;
      this.#reason = "";
    } catch (error) {
      this.#reason = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  // Outcomes are promises, all of them, so that the policy hears of them in the order in which they came.
  #tell(outcome: () => Promise<unknown>): void {
    this.#policy.execute(outcome).catch(() => {});
  }

  #publish(): void {
    if (channels.poolBreaker.hasSubscribers)
      channels.poolBreaker.publish({ pool: this.#pool, state: this.state, reason: this.#reason });
  }
}

// The delays come from the backoff, but the time is kept by the timer that has the server probed: towards the policy the time is
// always up, so that the two can't disagree about it.
function heard(backoff: { next(context: unknown): IBackoff<unknown> }, hear: (delayMs: number) => void) {
  return {
    next: (context: unknown): IBackoff<unknown> => {
      const following = backoff.next(context);
      hear(following.duration);
      return { duration: Number.NEGATIVE_INFINITY, next: heard(following, hear).next };
    },
  };
}
