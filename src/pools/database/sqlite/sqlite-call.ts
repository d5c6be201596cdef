import type { Running, StatementResult } from "../driver.ts";
import { OWN_CODES, SqliteFailure, wasCancelled } from "./sqlite-failure.ts";
import type { Pending, SqliteThread } from "./sqlite-thread.ts";
import { REQUEST, type Request } from "./thread-protocol.ts";

/** Who sends calls to threads. */
export interface Dispatcher {
  /** Finds another thread for a call, if there is one for it. @returns false if the call has failed with this */
  redirect(call: SqliteCall, error: Error): boolean;
  /** Sends a call to the thread for it. */
  send(call: SqliteCall): void;
}

/** A statement that was sent to a thread. */
export class SqliteCall implements Running<StatementResult>, Pending {
  readonly holdsSlot = false;
  readonly result: Promise<StatementResult>;
  readonly request: Request;
  /** How often it has been sent elsewhere. */
  moves = 0;
  readonly #dispatcher: Dispatcher | undefined;
  #resolve!: (result: StatementResult) => void;
  #reject!: (error: Error) => void;
  #thread: SqliteThread | undefined;
  #slot = 0;
  #isCancelled = false;
  #isSettled = false;

  /** @param dispatcher where it may go to instead; a statement of a transaction may go nowhere else */
  constructor(request: Request, dispatcher?: Dispatcher) {
    this.request = request;
    this.#dispatcher = dispatcher;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Sends it. */
  send(thread: SqliteThread): void {
    try {
      this.#thread = thread;
      this.#slot = thread.ask(this.request, this);
    } catch (error) {
      this.reject(error as Error);
    }
  }

  cancel(): void {
    if (this.#isSettled || this.#isCancelled) return;
    this.#isCancelled = true;
    if (this.#thread === undefined || this.#thread.withdraw(this.#slot)) this.reject(wasCancelled());
    else this.#thread.cancel(this.#slot, this, () => this.reject(wasCancelled()));
  }

  settle(result: StatementResult): void {
    if (this.#isSettled) return;
    // What was written is written; but whoever has cancelled a query has no use for its rows.
    if (this.#isCancelled && this.request.kind === REQUEST.read) {
      this.reject(wasCancelled());
      return;
    }
    this.#isSettled = true;
    this.#resolve(result);
  }

  fail(error: Error): void {
    if (this.#isSettled) return;
    if (this.#isCancelled || this.#dispatcher?.redirect(this, error) !== true) this.reject(error);
  }

  lose(wasStarted: boolean, reason: string): void {
    if (this.#isSettled) return;
    if (this.#isCancelled) this.reject(wasCancelled());
    else this.fail(threadGone(wasStarted, reason));
  }

  get isMovable(): boolean {
    if (this.#isSettled || this.#isCancelled) return false;
    return this.#dispatcher !== undefined && this.request.kind === REQUEST.read;
  }

  move(): void {
    this.#dispatcher?.send(this);
  }

  /** Ends it with an error. */
  reject(error: Error): void {
    this.#isSettled = true;
    this.#reject(error);
  }
}

/** The error of what a thread had when it went. */
export function threadGone(wasStarted: boolean, reason: string): SqliteFailure {
  const code = wasStarted ? OWN_CODES.threadLost : OWN_CODES.noThread;
  return new SqliteFailure(code, 0, `its thread is gone: ${reason}`);
}
