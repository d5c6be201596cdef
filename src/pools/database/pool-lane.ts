import { SluiceError } from "../../errors/index.ts";
import type { Breaker } from "../breaker.ts";
import type { Meter } from "../meter.ts";
import type { Permits } from "../permits.ts";
import type { DatabaseErrors } from "./database-errors.ts";
import type { DatabaseDriver, Failure } from "./driver.ts";
import type { Lane } from "./lane.ts";
import { Watches } from "./watches.ts";

/** What stands before a pool's connections. */
export interface PoolLaneParts {
  readonly name: string;
  readonly driver: DatabaseDriver;
  readonly permits: Permits;
  readonly breaker: Breaker;
  readonly meter: Meter;
  readonly errors: DatabaseErrors;
}

/** The pool's way in: past the circuit breaker and the door, onto whatever connection is free. */
export class PoolLane implements Lane {
  readonly runner: DatabaseDriver;
  readonly watches: Watches = new Watches();
  readonly #parts: PoolLaneParts;
  readonly #permits: Permits;
  readonly #breaker: Breaker;

  constructor(parts: PoolLaneParts) {
    this.#parts = parts;
    this.runner = parts.driver;
    this.#permits = parts.permits;
    this.#breaker = parts.breaker;
  }

  enter(signal: AbortSignal | undefined): Promise<void> | undefined {
    if (!this.#breaker.closed && !this.#permits.closed) throw this.#refused();
    if (signal?.aborted)
      throw new SluiceError("SLUICE_QUERY_CANCELLED", { name: this.#parts.name }, { cause: signal.reason });
    return this.#permits.tryAcquire() ? undefined : this.#permits.acquire(signal);
  }

  admitted(): void {
    if (this.#breaker.closed) return;
    this.#permits.release();
    throw this.#refused();
  }

  leave(): void {
    this.#permits.release();
  }

  succeeded(): void {
    this.#breaker.succeeded();
  }

  failed(error: Error, kind: Failure["kind"] | undefined): void {
    if (kind === "unreachable") this.#breaker.failed(error.cause ?? error);
    // A connection that broke, or work that was stopped, says nothing about the server.
    else if (kind !== "lost" && kind !== "cancelled") this.#breaker.succeeded();
  }

  #refused(): SluiceError {
    this.#parts.meter.refused("SLUICE_UNREACHABLE");
    return this.#parts.errors.unreachable(this.#breaker.reason);
  }
}
