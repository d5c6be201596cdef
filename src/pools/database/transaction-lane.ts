import { SluiceError } from "../../errors/index.ts";
import { Permits } from "../permits.ts";
import type { CallContext } from "./call-context.ts";
import type { DriverTransaction, Failure } from "./driver.ts";
import type { Lane } from "./lane.ts";
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
  readonly lanes: TransactionLane[];
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
  /** The same without a door, for what the transaction itself has to say. */
  readonly control: Lane;
  /** How many transactions are around it. */
  readonly depth: number;
  readonly #context: CallContext;
  readonly #state: TransactionState;
  readonly #permits: Permits;
  #isEnded = false;

  /** @param around the transaction that it is within */
  constructor(context: CallContext, runner: DriverTransaction, around?: TransactionLane) {
    const { name, maxWaiting, acquireTimeoutMs } = context;
    this.#context = context;
    this.runner = runner;
    this.depth = around === undefined ? 0 : around.depth + 1;
    this.#state = around?.sharedState ?? {
      watches: new Watches(),
      lanes: [],
      doom: undefined,
      refusal: undefined,
    };
    this.#state.lanes.push(this);
    this.#permits = new Permits({ name: `a transaction of ${name}`, size: 1, maxWaiting, acquireTimeoutMs });
    this.control = new ControlLane(this);
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

  // Has been seen to while it waited.
  admitted(): void {}

  leave(): void {
    this.#permits.release();
  }

  succeeded(): void {}

  // After a deadlock MySQL has rolled back, and would run each further statement by itself and for good.
  failed(error: Error, kind: Failure["kind"] | undefined): void {
    const isConflict = kind === "conflict";
    if (isConflict || kind === "lost" || kind === "unreachable") this.doomWith({ error, isConflict });
  }

  /** Nothing of the transaction can be kept: each further statement gets the same error. */
  doomWith(doom: Doom): void {
    this.#state.doom ??= doom;
  }

  /** The whole transaction is to end: what is under way is cancelled, and nothing more is taken. */
  stop(error: Error): void {
    this.#state.refusal ??= error;
    for (const lane of this.#state.lanes) lane.#permits.close();
    this.#state.watches.stop("abort");
  }

  /** Takes nothing more, and waits for what is under way; streams that were left open are closed. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#permits.close();
    this.#state.watches.stopStreams();
    await this.#state.watches.ended();
  }

  #check(): void {
    if (this.#isEnded) throw new SluiceError("SLUICE_TRANSACTION_ENDED");
    const refusal = this.#state.refusal ?? this.#state.doom?.error;
    if (refusal !== undefined) throw refusal;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#permits.acquire(signal);
    } catch (error) {
      this.#check();
      throw error;
    }
    try {
      this.#check();
    } catch (error) {
      this.#permits.release();
      throw error;
    }
  }
}

class ControlLane implements Lane {
  readonly runner: DriverTransaction;
  readonly watches: Watches;
  readonly #lane: TransactionLane;

  constructor(lane: TransactionLane) {
    this.#lane = lane;
    this.runner = lane.runner;
    this.watches = lane.watches;
  }

  enter(): undefined {
    return undefined;
  }

  admitted(): void {}

  leave(): void {}

  succeeded(): void {}

  failed(error: Error, kind: Failure["kind"] | undefined): void {
    this.#lane.failed(error, kind);
  }
}
