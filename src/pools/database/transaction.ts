import { setTimeout as wait } from "node:timers/promises";
import { Deferred } from "../../internal/deferred.ts";
import { type CallContext, codedFailure, timeoutOf, waitForTurn } from "./call-context.ts";
import { checkTransactionOptions } from "./call-options.ts";
import type { Transaction, TransactionOptions } from "./database.ts";
import type { DriverTransaction } from "./driver.ts";
import type { PoolLane } from "./pool-lane.ts";
import { PoolTransaction } from "./pool-transaction.ts";
import { TransactionLane } from "./transaction-lane.ts";
import { type Stoppable, Watch } from "./watch.ts";

const RETRIES = 3;
const FIRST_BACKOFF_MS = 10;
const MAX_BACKOFF_MS = 1_000;

type Outcome<Result> = { readonly value: Result } | { readonly conflict: unknown };

/** Runs a function in a transaction, and again after conflicts. @throws as `Database.transaction` */
export async function runTransaction<Result>(
  context: CallContext,
  lane: PoolLane,
  run: (tx: Transaction) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  checkTransactionOptions(options);
  const turn = lane.enter(options.signal);
  const waitedMs = turn === undefined ? 0 : await waitForTurn(lane, turn);
  return new TransactionCall(context, lane, run, { ...options, waitedMs }).result();
}

interface CallOptions extends TransactionOptions {
  readonly waitedMs: number;
}

class TransactionCall<Result> implements Stoppable {
  readonly #context: CallContext;
  readonly #poolLane: PoolLane;
  readonly #run: (tx: Transaction) => Promise<Result>;
  readonly #options: CallOptions;
  readonly #watch: Watch;
  readonly #stopped = new Deferred<never>();
  readonly #startedAt: number = performance.now();
  #lane: TransactionLane | undefined;
  // What holds the place in the pool, although the caller has been told that it is over.
  #lingering: Promise<void> | undefined;

  constructor(
    context: CallContext,
    lane: PoolLane,
    run: (tx: Transaction) => Promise<Result>,
    options: CallOptions,
  ) {
    this.#context = context;
    this.#poolLane = lane;
    this.#run = run;
    this.#options = options;
    this.#watch = new Watch(lane.watches, this, timeoutOf(context, options));
    // Nobody needs to be waiting for it.
    this.#stopped.promise.catch(() => {});
  }

  cancel(): void {
    const error = this.#context.errors.stopped(this.#watch);
    this.#lane?.stop(error);
    this.#stopped.reject(error);
  }

  async result(): Promise<Result> {
    try {
      this.#watch.start(this.#options.signal);
      return await this.#untilDone();
    } finally {
      if (this.#lingering === undefined) this.#leave();
      else void this.#lingering.then(() => this.#leave());
    }
  }

  #leave(): void {
    this.#watch.end();
    this.#poolLane.leave();
  }

  async #untilDone(): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt();
      if ("value" in outcome) return outcome.value;
      if (attempt > (this.#options.retries ?? RETRIES))
        throw this.#context.errors.conflict(attempt, outcome.conflict);
      await Promise.race([wait(backoffMs(attempt)), this.#stopped.promise]);
    }
  }

  async #attempt(): Promise<Outcome<Result>> {
    const driverTransaction = await this.#begin();
    const lane = new TransactionLane(this.#context, driverTransaction);
    this.#lane = lane;
    let value: Result;
    try {
      value = await Promise.race([
        this.#run(new PoolTransaction(this.#context, lane)),
        this.#stopped.promise,
      ]);
      await lane.end();
      if (lane.doom !== undefined) throw lane.doom.error;
      // While the last of its work ended.
      if (this.#watch.reason !== undefined) throw this.#context.errors.stopped(this.#watch);
    } catch (error) {
      await lane.end();
      await driverTransaction.rollback();
      if (lane.doom?.isConflict && this.#watch.reason === undefined)
        return { conflict: lane.doom.error.cause };
      throw error;
    }
    return this.#commit(driverTransaction, value);
  }

  async #begin(): Promise<DriverTransaction> {
    const { isolation, readOnly = false, waitedMs } = this.#options;
    const startedAt = performance.now();
    const beginning = this.#poolLane.runner.begin({ isolation, readOnly });
    let failure: Error | undefined;
    try {
      const begun = await Promise.race([beginning, this.#stopped.promise]);
      this.#poolLane.succeeded();
      return begun;
    } catch (error) {
      if (this.#watch.reason !== undefined) this.#linger(beginning);
      failure = codedFailure(this.#context, this.#poolLane, error, { watch: this.#watch, maxRows: 0 });
      throw failure;
    } finally {
      this.#context.meter.ended("BEGIN", waitedMs, startedAt, failure);
    }
  }

  // The driver can't be told to stop beginning: what it comes with after all is rolled back.
  #linger(beginning: Promise<DriverTransaction>): void {
    this.#lingering = beginning.then(
      (begun) => begun.rollback(),
      () => {},
    );
  }

  // A commit can't be taken back: it has what is left of the time, and then nobody knows.
  #remainingMs(): number | undefined {
    const { timeoutMs } = this.#watch;
    return timeoutMs === null ? undefined : Math.max(1, timeoutMs - (performance.now() - this.#startedAt));
  }

  async #commit(driverTransaction: DriverTransaction, value: Result): Promise<Outcome<Result>> {
    const { errors, meter } = this.#context;
    const startedAt = performance.now();
    let failure: unknown;
    try {
      await driverTransaction.commit(this.#remainingMs());
      return { value };
    } catch (error) {
      failure = error;
      const kind = errors.kind(error);
      if (kind === "conflict") return { conflict: error };
      throw kind === "lost" || kind === "unreachable"
        ? errors.commitUnknown(error)
        : errors.coded(error, kind);
    } finally {
      meter.ended("COMMIT", 0, startedAt, failure);
    }
  }
}

// Those who were in each other's way must not meet again at the same moment.
function backoffMs(attempt: number): number {
  const longest = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, MAX_BACKOFF_MS);
  return longest / 2 + Math.random() * (longest / 2);
}
