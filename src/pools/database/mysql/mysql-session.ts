import { reasonOf } from "../../../internal/reason-of.ts";
import type { Statement } from "../driver.ts";
import { LostError } from "../servers/connection-errors.ts";
import type { Outcome, SessionCursor, StatementOutcome } from "../servers/session.ts";
import type { PooledSession, SessionOwner } from "../servers/session-keeper.ts";
import { type CursorSession, MysqlCursor } from "./mysql-cursor.ts";
import { endsConnection } from "./mysql-failure.ts";
import { interruptMysql } from "./mysql-interrupt.ts";
import type {
  MysqlConnection,
  MysqlConnectionOptions,
  MysqlHeader,
  MysqlModule,
  MysqlParameter,
  MysqlTypedParameter,
} from "./mysql-module.ts";
import { type ActiveWork, MysqlQuery, type QueryOwner } from "./mysql-query.ts";
import { encodeParameter } from "./mysql-values.ts";

// SERVER_STATUS_IN_TRANS, of the protocol.
const IN_TRANSACTION = 1;

/** What all sessions of a driver share. */
export interface MysqlParts {
  readonly mysql: MysqlModule;
  readonly typed: MysqlTypedParameter;
  readonly options: MysqlConnectionOptions;
}

/** A connection to MySQL or MariaDB. */
export class MysqlSession implements PooledSession, QueryOwner, CursorSession {
  idleSince = 0;
  isIdle = false;
  expiresAt = 0;
  readonly #parts: MysqlParts;
  readonly #connection: MysqlConnection;
  readonly #owner: SessionOwner;
  #active: ActiveWork | null = null;
  #goneBecause: string | undefined;
  // As of the last answer that says so: those with rows don't, and COMMIT and ROLLBACK do.
  #isInTransaction = false;

  constructor(parts: MysqlParts, connection: MysqlConnection, owner: SessionOwner) {
    this.#parts = parts;
    this.#connection = connection;
    this.#owner = owner;
    // Also while it is idle: an error that nobody listens to ends the process.
    connection.on("error", (error) => this.#gone(error.message, error));
    connection.stream.on("close", () => this.#gone("the connection was closed"));
  }

  get isBroken(): boolean {
    return this.#goneBecause !== undefined;
  }

  run(statement: Statement, outcome: StatementOutcome): void {
    if (this.#refuses(outcome)) return;
    const params = this.#encode(statement);
    const query = new MysqlQuery(statement, outcome, this);
    this.#active = query;
    query.follow(this.#connection.execute(statement.sql, params));
  }

  runUnprepared(statement: Statement, outcome: StatementOutcome): void {
    const query = new MysqlQuery(statement, outcome, this);
    this.#active = query;
    query.follow(this.#connection.query(statement.sql));
  }

  control(sql: string, outcome: Outcome<string>): void {
    if (this.#refuses(outcome)) return;
    this.#connection.query(sql, (error, result) => {
      if (error !== null) {
        outcome.fail(this.asFailure(error));
        return;
      }
      // Several are a script's, whose connection is nobody else's.
      if (!Array.isArray(result)) this.onStatus(result as MysqlHeader);
      outcome.succeed("");
    });
  }

  ping(outcome: Outcome<void>): void {
    if (this.#refuses(outcome)) return;
    this.#connection.ping((error) => {
      if (error === null || error === undefined) outcome.succeed();
      else outcome.fail(this.asFailure(error));
    });
  }

  openCursor(statement: Statement, batchRows: number): SessionCursor {
    const cursor = new MysqlCursor(this, batchRows);
    if (this.#goneBecause !== undefined) {
      cursor.broken(new LostError(this.#goneBecause));
      return cursor;
    }
    const params = this.#encode(statement);
    this.#active = cursor;
    cursor.follow(this.#connection.execute(statement.sql, params));
    return cursor;
  }

  interrupt(): Promise<void> {
    const { threadId } = this.#connection;
    if (threadId === null) return Promise.resolve();
    return interruptMysql(this.#parts.mysql, this.#parts.options, threadId);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  onStatus({ serverStatus }: MysqlHeader): void {
    if (serverStatus !== undefined) this.#isInTransaction = (serverStatus & IN_TRANSACTION) !== 0;
  }

  free(): void {
    this.#active = null;
  }

  release(): void {
    // What others write through it would be gone with that.
    if (!this.isBroken && this.#isInTransaction) this.destroy("it was left within a transaction");
    this.#owner.release(this);
  }

  destroy(reason: string): void {
    // What is under way has been given up by those who wait for it.
    this.#active = null;
    this.#gone(reason);
    this.#connection.destroy();
    // It has said goodbye; a server that doesn't answer doesn't do so either.
    this.#connection.stream.destroy();
  }

  asFailure(error: unknown): unknown {
    if (!endsConnection(error)) return error;
    this.#gone(reasonOf(error));
    return new LostError(error);
  }

  #encode(statement: Statement): MysqlParameter[] {
    return statement.params.map((value) => encodeParameter(this.#parts.typed, value));
  }

  #gone(reason: string, cause: unknown = reason): void {
    if (this.#goneBecause === undefined) {
      this.#goneBecause = reason;
      this.#owner.forget(this, reason);
    }
    const active = this.#active;
    this.#active = null;
    active?.broken(new LostError(cause));
  }

  #refuses(outcome: { fail(error: unknown): void }): boolean {
    if (this.#goneBecause === undefined) return false;
    outcome.fail(new LostError(this.#goneBecause));
    return true;
  }
}
