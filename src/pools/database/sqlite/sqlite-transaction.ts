import type {
  DriverTransaction,
  RowStream,
  Running,
  ScriptRunner,
  Statement,
  StatementResult,
} from "../driver.ts";
import { BufferedStream } from "./buffered-stream.ts";
import { SqliteCall, threadGone } from "./sqlite-call.ts";
import { OWN_CODES, SqliteFailure } from "./sqlite-failure.ts";
import { SqliteStream } from "./sqlite-stream.ts";
import type { Pending, SqliteThread } from "./sqlite-thread.ts";
import { REQUEST, type RequestKind, toRequest } from "./thread-protocol.ts";

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

/** A transaction in a thread, or what has the thread that writes for itself. It holds a slot for as long. */
export class SqliteTransaction implements DriverTransaction, ScriptRunner, Pending {
  holdsSlot = true;
  readonly isMovable = false;
  readonly #thread: SqliteThread;
  #slot = 0;
  #waiting: Waiting | undefined;
  #script: SqliteCall | undefined;
  // What everything more that is asked of it fails with: its slot may soon be another one's.
  #overBy: Error | undefined;

  private constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  /** Begins one. @param mode one of BEGIN */
  static async begin(thread: SqliteThread, mode: number): Promise<SqliteTransaction> {
    const transaction = new SqliteTransaction(thread);
    await new Promise<void>((resolve, reject) => {
      transaction.#waiting = { resolve, reject };
      const request = { kind: REQUEST.begin, session: 0, sql: "", limit: mode, params: [] };
      transaction.#slot = thread.ask(request, transaction);
    });
    return transaction;
  }

  run(statement: Statement): Running<StatementResult> {
    const kind = statement.access === "read" ? REQUEST.read : REQUEST.write;
    return this.#send(new SqliteCall(toRequest(kind, statement, this.#slot)));
  }

  stream(statement: Statement, batchRows: number): RowStream {
    if (statement.access === "write") return new BufferedStream(() => this.run(statement), batchRows);
    const request = { ...toRequest(REQUEST.open, statement, this.#slot), limit: batchRows };
    return new SqliteStream(request, { thread: () => this.#present(), instead: undefined });
  }

  async script(sql: string): Promise<void> {
    const request = { kind: REQUEST.script, session: this.#slot, sql, limit: 0, params: [] };
    this.#script = this.#send(new SqliteCall(request));
    await this.#script.result;
  }

  /** Has a script that is under way stopped, where it can be: while it waits for others to let the database go. */
  cancelScript(): void {
    this.#script?.cancel();
  }

  commit(): Promise<void> {
    return this.#endWith(REQUEST.commit);
  }

  async rollback(): Promise<void> {
    // A thread that is gone has rolled back.
    await this.#endWith(REQUEST.rollback).catch(() => {});
  }

  settle(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  fail(error: Error): void {
    this.holdsSlot = false;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  lose(_wasStarted: boolean, reason: string): void {
    // Only what the thread was asked under this slot may have been done: its commit, if that was asked for.
    const error = threadGone(!this.holdsSlot || this.#waiting === undefined, reason);
    this.#overBy = error;
    this.fail(error);
  }

  #present(): SqliteThread {
    if (this.#overBy !== undefined) throw this.#overBy;
    return this.#thread;
  }

  #send(call: SqliteCall): SqliteCall {
    if (this.#overBy === undefined) call.send(this.#thread);
    else call.reject(this.#overBy);
    return call;
  }

  #endWith(kind: RequestKind): Promise<void> {
    if (this.#overBy !== undefined) return Promise.reject(this.#overBy);
    this.#overBy = new SqliteFailure(OWN_CODES.refused, 0, "its transaction has ended");
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.holdsSlot = false;
      const request = { kind, session: this.#slot, sql: "", limit: 0, params: [] };
      this.#thread.askAgain(this.#slot, request);
    });
  }
}
