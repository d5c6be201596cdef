import { channels } from "../diagnostics/index.ts";
import { SluiceError } from "../errors/index.ts";
import { reasonOf } from "../internal/reason-of.ts";
import type { PoolStats } from "./pool-stats.ts";

const FAILURES_TO_OPEN = 3;
// Each delay is between a half and the whole of what doubling gives, at the longest too: jitter stays when growth has ended.
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 1_000;

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
  #state: PoolStats["breaker"] = "closed";
  #failures = 0;
  #reason = "";
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: BreakerOptions) {
    this.#pool = options.pool;
    this.#probe = options.probe;
  }

  /** Whether calls go through. */
  get closed(): boolean {
    return this.#state === "closed";
  }

  /** As in {@link PoolStats.breaker}. */
  get state(): PoolStats["breaker"] {
    return this.#state;
  }

  /** Why it is open: the last failure's message. */
  get reason(): string {
    return this.#reason;
  }

  /** A call got through to the server, however it ended there. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** The server couldn't be reached. What it said is not one of these failures. */
  failed(error: unknown): void {
    this.#failures += 1;
    this.#reason = reasonOf(innermost(error));
    if (this.closed && !this.#stopped && this.#failures >= FAILURES_TO_OPEN) this.#open(FIRST_DELAY_MS);
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

  #open(delayMs: number): void {
    this.#become("open");
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look(delayMs), (delayMs / 2) * (1 + Math.random()));
    // A process that has nothing else to do needn't stay for this.
    this.#timer.unref();
  }

  async #look(delayMs: number): Promise<void> {
    this.#become("half-open");
    try {
      await this.#probe();
    } catch (error) {
      this.#reason = reasonOf(innermost(error));
      this.#open(Math.min(delayMs * 2, MAX_DELAY_MS));
      return;
    }
    this.#failures = 0;
    this.#reason = "";
    this.#become("closed");
  }

  #become(state: PoolStats["breaker"]): void {
    this.#state = state;
    if (channels.poolBreaker.hasSubscribers)
      channels.poolBreaker.publish({ pool: this.#pool, state, reason: this.#reason });
  }
}

// The reason stands within the sentence that callers are told: another such sentence would repeat it.
function innermost(error: unknown): unknown {
  return error instanceof SluiceError && error.cause !== undefined ? innermost(error.cause) : error;
}
