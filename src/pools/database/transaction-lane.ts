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
  // Whether its savepoint stands, and what was done since isn't undone.
  #isBegun = false;
  #isEnded = false;

  /** @param around the transaction that it is within */
  constructor(context: CallContext, runner: DriverTransaction, around?: TransactionLane) {
    const { name, maxWaiting, acquireTimeoutMs } = context;
    this.#context = context;
    this.runner = runner;
    this.#around = around;
    this.depth = around === undefined ? 0 : around.depth + 1;
    this.#state =
      around === undefined
        ? { watches: new Watches(), lanes: [], doom: undefined, refusal: undefined }
        : around.#state;
    this.#state.lanes = [...this.#state.lanes, this];
    this.#permits = new Permits({ name: `a transaction of ${name}`, size: 1, maxWaiting, acquireTimeoutMs });
  }

  get watches(): Watches {
    return this.#state.watches;
  }

  /** Why nothing of the transaction can be kept; undefined as long as it can. */
  get doom(): Doom | undefined {
    return this.#state.doom;
  }

  /** Begins a transaction within another: sets its savepoint. */
  async begin(): Promise<void> {
    await this.#say(`SAVEPOINT ${this.#savepoint}`, () => {
      this.#isBegun = true;
    });
  }

  /** Ends a transaction within another: what it did is part of the other now. */
  async release(): Promise<void> {
    await this.#say(`RELEASE SAVEPOINT ${this.#savepoint}`, () => {
      this.#isBegun = false;
    });
  }

  /** Ends a transaction within another, and undoes what it did. */
  async undo(): Promise<void> {
    await this.#undo(this);
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
    const begun = within.find((lane) => lane.depth === this.depth + 1 && lane.#isBegun);
    if (begun !== undefined) await this.#undo(begun);
    // Also a stream that was let in just before, and hasn't begun.
    if (this.#around === undefined) watches.stop("abort");
  }

  // What it is called in the database.
  get #savepoint(): string {
    return `sluice_${this.depth}`;
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

  async #undo(lane: TransactionLane): Promise<void> {
    const { refusal, doom } = this.#state;
    // Then all of it is undone anyway.
    if (this.#isOver || refusal !== undefined || doom !== undefined) return;
    try {
      await this.#say(`ROLLBACK TO SAVEPOINT ${lane.#savepoint}`, () => {
        lane.#isBegun = false;
      });
      await this.#say(`RELEASE SAVEPOINT ${lane.#savepoint}`);
    } catch (error) {
      // What couldn't be undone must not be committed with the rest. Once one around it has ended, that one undoes it.
      if (!this.#isOver) this.#state.doom ??= { error: error as Error, isConflict: false };
    }
  }

  // What the transaction has to say itself, past its own door, which may be closed by then.
  async #say(sql: string, succeeded: () => void = () => {}): Promise<void> {
    // It would be said in another transaction, or in none.
    if (this.#isOver) throw new SluiceError("SLUICE_TRANSACTION_ENDED");
    const statement = { sql, params: [], access: "write", maxRows: 0 } as const;
    await runStatement(this.#context, new ControlLane(this, succeeded), statement, undefined);
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

// A lane without a door.
class ControlLane implements Lane {
  readonly runner: DriverTransaction;
  readonly watches: Watches;
  // Called before whoever waits for the end of what is under way goes on.
  readonly succeeded: () => void;
  readonly #lane: TransactionLane;

  constructor(lane: TransactionLane, succeeded: () => void) {
    this.#lane = lane;
    this.runner = lane.runner;
    this.watches = lane.watches;
    this.succeeded = succeeded;
  }

  enter(): undefined {
    return undefined;
  }

  admitted(): void {}

  leave(): void {}

  failed(error: Error, kind: Failure["kind"] | undefined): void {
    this.#lane.failed(error, kind);
  }
}
