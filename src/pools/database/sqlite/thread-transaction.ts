import { BUSY_PAUSE_MS, BUSY_TIMEOUT_MS, isBusy } from "./busy.ts";
import { Doomed } from "./call-states.ts";
import type { OpenStreams } from "./open-streams.ts";
import { runStatement, type ThreadContext } from "./run-statement.ts";
import { isSeveral } from "./several-statements.ts";
import { pause, type SqliteConnection } from "./sqlite-connection.ts";
import { OWN_CODES, SqliteFailure, wasCancelled } from "./sqlite-failure.ts";
import { verbOf } from "./statement-verb.ts";
import { BEGIN, REQUEST, type ThreadRequest } from "./thread-protocol.ts";

/** A transaction that has a connection for itself. */
export class ThreadTransaction {
  /** The slot that it was begun under. */
  readonly session: number;
  /** Whether it has done what may have changed the schema. */
  changedSchema = false;
  readonly #mode: number;
  readonly #connection: SqliteConnection;
  readonly #context: ThreadContext;
  readonly #streams: OpenStreams;
  // SQLite rolls back by itself after some errors; what comes then must not be run outside of any transaction.
  #endedBy: unknown;

  constructor(
    request: ThreadRequest,
    connection: SqliteConnection,
    context: ThreadContext,
    streams: OpenStreams,
  ) {
    this.session = request.slot;
    this.#mode = request.limit;
    this.#connection = connection;
    this.#context = context;
    this.#streams = streams;
  }

  /** Begins it, if that hasn't been done, and answers it. @returns false if it couldn't */
  begin(): boolean {
    const { answers } = this.#context;
    try {
      // Reading something makes it a snapshot as of now, not as of its first query.
      if (this.#mode === BEGIN.read) this.#connection.exec("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1");
      answers.done(this.session);
      return true;
    } catch (error) {
      answers.failed(this.session, error);
      this.abandon();
      return false;
    }
  }

  /** Runs a request that is part of it, and answers it. @returns whether it has ended with that */
  run(request: ThreadRequest): boolean {
    switch (request.kind) {
      case REQUEST.commit:
      case REQUEST.rollback:
        this.#end(request);
        return true;
      case REQUEST.open:
        if (!this.#isRefused(request)) this.#streams.open(request, this.#connection, () => {});
        return false;
      case REQUEST.script:
        this.#script(request);
        return false;
      default:
        if (!this.#isRefused(request)) this.#statement(request);
        return false;
    }
  }

  /** Undoes it. */
  abandon(): void {
    this.#streams.closeOf(this.session);
    this.#connection.rollback();
  }

  #statement(request: ThreadRequest): void {
    const error = runStatement(this.#connection, request, this.#context);
    if (error === undefined) {
      if (verbOf(request.sql) === "schema") this.#forgetSchema();
    } else if (this.#mode !== BEGIN.none && !this.#connection.isTransaction) this.#endedBy = error;
  }

  #isRefused({ slot, sql }: ThreadRequest): boolean {
    if (this.#mode === BEGIN.none) return false;
    let message: string | undefined;
    if (this.#endedBy !== undefined) message = `SQLite has rolled back the transaction: ${this.#endedBy}`;
    else if (verbOf(sql) === "transaction")
      message = "a transaction ends with its function, not with a statement";
    if (message === undefined) return false;
    this.#context.answers.failed(slot, new SqliteFailure(OWN_CODES.refused, 0, message));
    return true;
  }

  #script({ slot, sql }: ThreadRequest): void {
    try {
      // Of several statements the first ones may have been done when one finds the database busy.
      if (this.#connection.isTransaction || isSeveral(sql)) this.#connection.exec(sql);
      else this.#patiently(slot, sql);
      this.#context.answers.done(slot);
    } catch (error) {
      if (error instanceof Doomed) throw error;
      this.#context.answers.failed(slot, error);
    } finally {
      this.#forgetSchema();
    }
  }

  #patiently(slot: number, sql: string): void {
    const { states } = this.#context;
    const deadline = performance.now() + BUSY_TIMEOUT_MS;
    for (;;) {
      try {
        this.#connection.exec(sql);
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
      }
      if (states.isDoomed) throw new Doomed();
      if (states.isCancelled(slot)) throw wasCancelled();
      pause(BUSY_PAUSE_MS);
    }
  }

  #forgetSchema(): void {
    this.changedSchema = true;
    this.#connection.forgetStatements();
  }

  #end({ slot, kind }: ThreadRequest): void {
    const { answers } = this.#context;
    // A statement that is still open would hold up the commit.
    this.#streams.closeOf(this.session);
    try {
      if (kind === REQUEST.commit && this.#mode !== BEGIN.none) {
        if (this.#endedBy !== undefined) throw this.#endedBy;
        this.#connection.exec("COMMIT");
      }
      answers.done(slot);
    } catch (error) {
      answers.failed(slot, error);
    } finally {
      this.abandon();
    }
  }
}
