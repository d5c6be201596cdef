import { reasonOf } from "../../../internal/reason-of.ts";
import type { Statement } from "../driver.ts";
import { LostError } from "../servers/connection-errors.ts";
import type { Outcome, SessionCursor, StatementOutcome } from "../servers/session.ts";
import type { PooledSession, SessionOwner } from "../servers/session-keeper.ts";
import type {
  PgClient,
  PgCursorConstructor,
  PgModule,
  PgResult,
  PgSubmittable,
  PgTypes,
} from "./pg-module.ts";
import { PostgresCursor } from "./postgres-cursor.ts";
import { sqlStateOf } from "./postgres-failure.ts";
import { interruptPostgres } from "./postgres-interrupt.ts";
import { PostgresQuery, type QueryOwner } from "./postgres-query.ts";
import { encodeParameter } from "./postgres-values.ts";
import { PreparedStatements } from "./prepared-statements.ts";

/** What all sessions of a driver share. */
export interface PostgresParts {
  readonly pg: PgModule;
  readonly Cursor: PgCursorConstructor;
  readonly types: PgTypes;
}

/** A connection to PostgreSQL. */
export class PostgresSession implements PooledSession, QueryOwner {
  idleSince = 0;
  isIdle = false;
  expiresAt = 0;
  readonly prepared: PreparedStatements = new PreparedStatements();
  readonly types: PgTypes;
  readonly #parts: PostgresParts;
  readonly #client: PgClient;
  readonly #owner: SessionOwner;
  #goneBecause: string | undefined;

  constructor(parts: PostgresParts, client: PgClient, owner: SessionOwner) {
    this.types = parts.types;
    this.#parts = parts;
    this.#client = client;
    this.#owner = owner;
    // Also while it is idle: an error that nobody listens to ends the process.
    client.on("error", (error) => this.#gone(error.message));
    client.on("end", () => this.#gone("the connection was closed"));
  }

  get isBroken(): boolean {
    return this.#goneBecause !== undefined;
  }

  run(statement: Statement, outcome: StatementOutcome): void {
    if (this.#refuses(statement.sql, outcome)) return;
    this.#submit(new PostgresQuery(statement, this, outcome));
  }

  again(statement: Statement, outcome: StatementOutcome): void {
    // Within a transaction that has failed with it there is no again.
    if (this.#client.getTransactionStatus() === "I") this.run(statement, outcome);
    else outcome.fail(new Error("the schema has changed under the transaction; run it again"));
  }

  control(sql: string, outcome: Outcome<string>): void {
    if (this.#refuses(sql, outcome)) return;
    this.#client.query(sql, (error, result) => {
      if (error !== null && error !== undefined) outcome.fail(this.asFailure(error));
      else outcome.succeed(lastCommand(result));
    });
  }

  ping(outcome: Outcome<void>): void {
    // Nothing at all: that is answered within a transaction that has failed, too.
    this.control("", { succeed: () => outcome.succeed(), fail: (error) => outcome.fail(error) });
  }

  openCursor(statement: Statement, batchRows: number): SessionCursor {
    const cursor = new this.#parts.Cursor(statement.sql, statement.params.map(encodeParameter));
    if (!this.isBroken) this.#submit(cursor);
    return new PostgresCursor(this, cursor, batchRows);
  }

  interrupt(): Promise<void> {
    return interruptPostgres(this.#parts.pg, this.#client);
  }

  release(): void {
    const status = this.#client.getTransactionStatus();
    // What others write through it would be gone with that.
    if (!this.isBroken && (status === "T" || status === "E"))
      this.destroy("it was left within a transaction");
    this.#owner.release(this);
  }

  destroy(reason: string): void {
    this.#gone(reason);
    this.#client.connection.stream.destroy();
  }

  asFailure(error: unknown): unknown {
    const { severity } = error as { severity?: unknown };
    // What isn't from the server is from the socket; and after what is fatal the server closes the connection.
    if (sqlStateOf(error) !== undefined && severity !== "FATAL" && severity !== "PANIC") return error;
    this.#gone(reasonOf(error));
    return new LostError(error);
  }

  #submit(query: PgSubmittable): void {
    try {
      this.#client.query(query);
    } catch (error) {
      // Some of it may have been sent, and the server waits for the rest.
      this.destroy("a statement couldn't be sent");
      throw error;
    }
  }

  #gone(reason: string): void {
    if (this.#goneBecause !== undefined) return;
    this.#goneBecause = reason;
    this.#owner.forget(this, reason);
  }

  #refuses(sql: string, outcome: { fail(error: unknown): void }): boolean {
    if (this.#goneBecause !== undefined) outcome.fail(new LostError(this.#goneBecause));
    // The protocol ends a text there.
    else if (sql.includes("\0")) outcome.fail(new Error("there is a NUL character in the statement"));
    else return false;
    return true;
  }
}

function lastCommand(result: PgResult | readonly PgResult[]): string {
  const last = Array.isArray(result) ? (result as readonly PgResult[]).at(-1) : (result as PgResult);
  return last?.command ?? "";
}
