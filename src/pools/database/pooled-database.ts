import { within } from "../../internal/within.ts";
import { Breaker } from "../breaker.ts";
import type { Meter } from "../meter.ts";
import { Permits } from "../permits.ts";
import type { PoolStats } from "../pool-stats.ts";
import { type ResourceCloseOptions, type ResourceHealth, resolveDrainMs } from "../resource.ts";
import type { CallContext } from "./call-context.ts";
import type { Database, Dialect, Transaction, TransactionOptions } from "./database.ts";
import { DatabaseErrors } from "./database-errors.ts";
import type { ResolvedDatabaseOptions } from "./database-options.ts";
import type { DatabaseDriver } from "./driver.ts";
import { LaneQueryable } from "./lane-queryable.ts";
import { migrateDatabase } from "./migrate.ts";
import { PoolLane } from "./pool-lane.ts";
import { Statements } from "./statement.ts";
import { runTransaction } from "./transaction.ts";
import { Watch } from "./watch.ts";

// What a driver may take to give up on what it was told to stop.
const STOP_MS = 3_000;

interface PooledDatabaseParts {
  readonly context: CallContext;
  readonly driver: DatabaseDriver;
  readonly permits: Permits;
  readonly breaker: Breaker;
  readonly lane: PoolLane;
  readonly required: boolean;
}

/**
 * A database: a driver behind a door with so many places, a circuit breaker, and a deadline for each piece of work.
 *
 * @param meter the one that the driver's events go to
 */
export function pooledDatabase(
  driver: DatabaseDriver,
  meter: Meter,
  options: ResolvedDatabaseOptions,
): PooledDatabase {
  const { name, maxWaiting, acquireTimeoutMs, queryTimeoutMs, maxRows, required } = options;
  const errors = new DatabaseErrors(name, driver);
  const statements = new Statements(driver.dialect, name);
  const permits = new Permits({
    name,
    size: driver.capacity,
    maxWaiting,
    acquireTimeoutMs,
    onRefused: (code) => meter.refused(code),
  });
  const breaker = new Breaker({ pool: name, probe: () => pinged(driver, permits) });
  const lane = new PoolLane({ name, driver, permits, breaker, meter, errors });
  const context = { name, statements, meter, errors, queryTimeoutMs, maxRows, maxWaiting, acquireTimeoutMs };
  return new PooledDatabase({ context, driver, permits, breaker, lane, required });
}

/** What {@link pooledDatabase} makes. */
export class PooledDatabase extends LaneQueryable implements Database {
  readonly name: string;
  readonly required: boolean;
  readonly dialect: Dialect;
  readonly #parts: PooledDatabaseParts;
  #closing: Promise<void> | undefined;

  constructor(parts: PooledDatabaseParts) {
    super(parts.context, parts.lane, "pool");
    this.#parts = parts;
    this.name = parts.context.name;
    this.required = parts.required;
    this.dialect = parts.driver.dialect;
  }

  transaction<Result>(
    run: (tx: Transaction) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result> {
    return runTransaction(this.#parts.context, this.#parts.lane, run, options);
  }

  async migrate(folder: string | URL): Promise<string[]> {
    const { driver, lane, permits, context } = this.#parts;
    await permits.acquire();
    const stopping = new AbortController();
    const watch = new Watch(lane.watches, { cancel: () => stopping.abort() }, null);
    try {
      watch.start(undefined);
      return await migrateDatabase(driver, context.errors, folder, stopping.signal);
    } catch (error) {
      throw watch.reason === undefined ? error : context.errors.stopped(watch);
    } finally {
      watch.end();
      permits.release();
    }
  }

  async open(): Promise<void> {
    const { breaker, context, driver, permits } = this.#parts;
    try {
      await pinged(driver, permits);
      breaker.succeeded();
    } catch (error) {
      const coded = context.errors.coded(error, context.errors.kind(error));
      // A server that starts without it must hear when it is back, though nobody may ask it anything meanwhile.
      if (DOWN.has(coded.code)) breaker.trip(coded.cause);
      throw coded;
    }
  }

  /** Hears of a connection that couldn't be made from the driver, since whoever wanted it waited for less time than that took. */
  connectFailed(error: unknown): void {
    const { context, lane } = this.#parts;
    const kind = context.errors.kind(error);
    lane.failed(context.errors.coded(error, kind), kind);
  }

  health(): ResourceHealth {
    if (this.#closing !== undefined) return { status: "closed" };
    const { breaker } = this.#parts;
    return breaker.closed ? { status: "up" } : { status: "down", reason: breaker.reason };
  }

  stats(): PoolStats {
    const { breaker, context, driver, permits } = this.#parts;
    const { size, maxSize, idle } = driver;
    const waiting = permits.waiting;
    return context.meter.stats({ size, maxSize, idle, busy: size - idle, waiting, breaker: breaker.state });
  }

  close(options: ResourceCloseOptions = {}): Promise<void> {
    try {
      const drainMs = resolveDrainMs(options);
      this.#closing ??= this.#close(drainMs);
      return this.#closing;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #close(drainMs: number): Promise<void> {
    const { breaker, driver, lane, permits } = this.#parts;
    permits.close();
    breaker.stop();
    await within(drainMs, permits.drained());
    lane.watches.stop("closed");
    await within(STOP_MS, permits.drained());
    await driver.close();
  }
}

const DOWN: ReadonlySet<string> = new Set([
  "SLUICE_UNREACHABLE",
  "SLUICE_CREDENTIALS_REFUSED",
  "SLUICE_CONNECTION_LOST",
]);

async function pinged(driver: DatabaseDriver, permits: Permits): Promise<void> {
  await permits.acquire();
  try {
    await driver.ping();
  } finally {
    permits.release();
  }
}
