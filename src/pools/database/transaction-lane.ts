import { SluiceError } from "../../errors/index.ts";
import { Permits } from "../permits.ts";
import type { CallContext } from "./call-context.ts";
import type { DriverTransaction, Failure } from "./driver.ts";
import type { Lane } from "./lane.ts";
import { runStatement } from "./run-statement.ts";
import { Watches } from "./watches.ts";

/** Why nothing of a transaction can be kept. */
export interface Doom {
  readonly error: Error;
  /** Whether it may be run again. */
  readonly isConflict: boolean;
}

// What a whole transaction shares, however many there are within.
interface TransactionState {
  readonly watches: Watches;
  lanes: readonly TransactionLane[];
  doom: Doom | undefined;
  /** What each statement is refused with from now on. */
  refusal: Error | undefined;
}

/**
 * A transaction's way into the database: one statement at a time on its one connection. A transaction within has a lane of its own,
 * and the one around it waits meanwhile.
 */
export class TransactionLane implements Lane {
  readonly runner: DriverTransaction;
  /** How many transactions are around it. */
  readonly depth: number;
  readonly #context: CallContext;
  readonly #state: TransactionState;
  readonly #permits: Permits;
  readonly #around: TransactionLane | undefined;
  readonly #control: ControlLane;
  #isEnded = false;

  /** @param around the transaction that it is within */
  constructor(context: CallContext, runner: DriverTransaction, around?: TransactionLane) {
    const { name, maxWaiting, acquireTimeoutMs } = context;
    this.#context = context;
    this.runner = runner;
    this.#around = around;
    this.depth = around === undefined ? 0 : around.depth + 1;
    this.#state = around?.sharedState ?? {
      watches: new Watches(),
      lanes: [],
      doom: undefined,
      refusal: undefined,
    };
    this.#state.lanes = [...this.#state.lanes, this];
    this.#permits = new Permits({ name: `a transaction of ${name}`, size: 1, maxWaiting, acquireTimeoutMs });
    this.#control = new ControlLane(this);
  }

  /** The same without a door, for what the transaction itself has to say: where it begins and ends. */
  get control(): Lane {
    return this.#control;
  }

  /** What the transaction is called in the database, where it is within another. */
  get savepoint(): string {
    return `sluice_${this.depth}`;
  }

  get watches(): Watches {
    return this.#state.watches;
  }

  /** Why nothing of the transaction can be kept; undefined as long as it can. */
  get doom(): Doom | undefined {
    return this.#state.doom;
  }

  /** For the lanes of the transactions within. */
  get sharedState(): TransactionState {
    return this.#state;
  }

  enter(signal: AbortSignal | undefined): Promise<void> | undefined {
    this.#check();
    if (signal?.aborted)
      throw new SluiceError("SLUICE_QUERY_CANCELLED", { name: this.#context.name }, { cause: signal.reason });
    return this.#permits.tryAcquire() ? undefined : this.#wait(signal);
  }

  admitted(): void {
    try {
      this.#check();
    } catch (error) {
      this.#permits.release();
      throw error;
    }
  }

  leave(): void {
    this.#permits.release();
  }

  succeeded(): void {}

  // After a deadlock MySQL has rolled back, and would run each further statement by itself and for good.
  failed(error: Error, kind: Failure["kind"] | undefined): void {
    const isConflict = kind === "conflict";
    if (isConflict || kind === "lost" || kind === "unreachable") this.#state.doom ??= { error, isConflict };
  }

  /** Nothing of the transaction can be kept: each further statement gets the same error. */
  doomWith(doom: Doom): void {
    // What it couldn't undo, the one around it undoes at its own end.
    if (!this.#isOver) this.#state.doom ??= doom;
  }

  /** The whole transaction is to end: what is under way is cancelled, and nothing more is taken. */
  stop(error: Error): void {
    this.#state.refusal ??= error;
    for (const lane of this.#state.lanes) lane.#permits.close();
    this.#state.watches.stop("abort");
  }

  /**
   * Takes nothing more, and waits for what is under way; streams that were left open are closed. A transaction within that isn't done yet
   * ends too: what it did is undone, for it can't do the rest.
   */
  async end(): Promise<void> {
    const { lanes, watches } = this.#state;
    this.#isEnded = true;
    // Within a transaction there is one at a time, so that those that are deeper are all within this one.
    const within = lanes.filter(({ depth }) => depth > this.depth);
    for (const lane of [this, ...within]) lane.#permits.close();
    watches.stopStreams();
    await watches.ended();
    this.#state.lanes = this.#state.lanes.filter(({ depth }) => depth < this.depth);
    const begun = within.find((lane) => lane.depth === this.depth + 1 && lane.#control.isBegun);
    if (begun !== undefined) await this.#undo(begun);
    // Also a stream that was let in just before, and hasn't begun.
    if (this.#around === undefined) watches.stop("abort");
  }

  /** @throws SLUICE_TRANSACTION_ENDED once one around it has: what it said then would be said in another transaction, or in none */
  checkAround(): void {
    if (this.#isOver) throw new SluiceError("SLUICE_TRANSACTION_ENDED");
  }

  // Whether one around it has ended.
  get #isOver(): boolean {
    const around = this.#around;
    return around !== undefined && (around.#isEnded || around.#isOver);
  }

  #check(): void {
    if (this.#isEnded || this.#isOver) throw new SluiceError("SLUICE_TRANSACTION_ENDED");
    const refusal = this.#state.refusal ?? this.#state.doom?.error;
    if (refusal !== undefined) throw refusal;
  }

  async #undo({ savepoint }: TransactionLane): Promise<void> {
    const { refusal, doom } = this.#state;
    // Then all of it is undone anyway.
    if (this.#isOver || refusal !== undefined || doom !== undefined) return;
    const sql = `ROLLBACK TO SAVEPOINT ${savepoint}`;
    const statement = { sql, params: [], access: "write", maxRows: 0 } as const;
    try {
      await runStatement(this.#context, new ControlLane(this), statement, undefined);
    } catch (error) {
      this.doomWith({ error: error as Error, isConflict: false });
    }
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#permits.acquire(signal);
    } catch (error) {
      this.#check();
      throw error;
    }
    this.admitted();
  }
}

// What a transaction within says is known by its order: it sets a savepoint, and then releases it or goes back to it.
class ControlLane implements Lane {
  readonly runner: DriverTransaction;
  readonly watches: Watches;
  readonly #lane: TransactionLane;
  #done = 0;

  constructor(lane: TransactionLane) {
    this.#lane = lane;
    this.runner = lane.runner;
    this.watches = lane.watches;
  }

  /** Whether its savepoint stands, and what was done since isn't undone. */
  get isBegun(): boolean {
    return this.#done === 1;
  }

  enter(): undefined {
    this.#lane.checkAround();
    return undefined;
  }

  admitted(): void {}

  leave(): void {}

  succeeded(): void {
    this.#done += 1;
  }

  failed(error: Error, kind: Failure["kind"] | undefined): void {
    this.#lane.failed(error, kind);
  }
}
