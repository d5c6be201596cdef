import type { Value } from "../database.ts";
import type { Statement } from "../driver.ts";
import type { StatementOutcome } from "../servers/session.ts";
import type { PgConnection, PgField, PgSubmittable, PgTypes } from "./pg-module.ts";
import { sqlStateOf } from "./postgres-failure.ts";
import { encodeParameter } from "./postgres-values.ts";
import type { PreparedStatement, PreparedStatements } from "./prepared-statements.ts";

type Row = Record<string, Value>;

// The command tags of statements that change rows: `INSERT 0 2`, `UPDATE 3`.
const CHANGED_ROWS = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/;

/**
 * Whether a prepared statement is of no use any more: a change of the schema has changed its columns ("cached plan must not change
 * result type"), or the server has forgotten it, as a DISCARD ALL makes it. Nothing of it has been done then.
 */
function isStale(error: Error): boolean {
  const { routine } = error as { routine?: unknown };
  return sqlStateOf(error) === "26000" || routine === "RevalidateCachedQuery";
}

/** What a query needs of its session. */
export interface QueryOwner {
  readonly prepared: PreparedStatements;
  readonly types: PgTypes;
  /** What an error is to those outside: a LostError if the connection is gone. */
  asFailure(error: unknown): unknown;
  /** Runs the statement again, newly prepared. */
  again(statement: Statement, outcome: StatementOutcome): void;
}

/**
 * A prepared statement being run: what `pg`'s own query does, but that it counts the rows as they come, and asks what they look like
 * only when the statement is new.
 */
export class PostgresQuery implements PgSubmittable {
  readonly #statement: Statement;
  readonly #prepared: PreparedStatement;
  readonly #owner: QueryOwner;
  readonly #outcome: StatementOutcome;
  readonly #values: readonly (string | Buffer | null)[];
  readonly #rows: Row[] = [];
  #affectedRows = 0;
  #isExceeded = false;
  #failure: { readonly error: unknown } | null = null;
  #wasPrepared = false;

  constructor(statement: Statement, owner: QueryOwner, outcome: StatementOutcome) {
    this.#statement = statement;
    // Before anything is sent: what is thrown in the midst of it would leave the server waiting for the rest.
    this.#values = statement.params.map(encodeParameter);
    this.#prepared = owner.prepared.get(statement.sql);
    this.#owner = owner;
    this.#outcome = outcome;
  }

  /** Under which name the client notes that the statement has been parsed. */
  get name(): string {
    return this.#prepared.name;
  }

  /** What the client notes for that name. */
  get text(): string {
    return this.#prepared.sql;
  }

  submit(connection: PgConnection): undefined {
    const { stream } = connection;
    stream.cork();
    try {
      this.#send(connection);
    } finally {
      stream.uncork();
    }
  }

  handleRowDescription(message: { readonly fields: readonly PgField[] }): void {
    this.#prepared.columns = message.fields.map(({ name, dataTypeID, format }) => ({
      name,
      parse: this.#owner.types.getTypeParser(dataTypeID, format),
    }));
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.#isExceeded || this.#failure !== null) return;
    if (this.#rows.length >= this.#statement.maxRows) {
      this.#isExceeded = true;
      this.#outcome.exceeded();
      return;
    }
    try {
      this.#rows.push(this.#parse(message.fields));
    } catch (error) {
      this.#failure = { error };
    }
  }

  handleCommandComplete(message: { readonly text: string }): void {
    const changed = CHANGED_ROWS.exec(message.text);
    if (changed !== null) this.#affectedRows = Number(changed[1]);
  }

  handleReadyForQuery(): void {
    this.#prepared.isParsed = true;
    this.#prepared.columns ??= [];
    if (this.#failure !== null) this.#outcome.fail(this.#failure.error);
    else {
      this.#outcome.succeed({
        rows: this.#rows,
        affectedRows: this.#affectedRows,
        lastInsertId: undefined,
      });
    }
  }

  handleError(error: Error, connection: PgConnection): void {
    const prepared = this.#prepared;
    // The client notes it as soon as the server has it.
    prepared.isParsed = connection.parsedStatements[prepared.name] !== undefined;
    const stale = this.#wasPrepared && isStale(error);
    if (stale || !prepared.isParsed) this.#owner.prepared.delete(prepared);
    if (stale) this.#owner.again(this.#statement, this.#outcome);
    else this.#outcome.fail(this.#owner.asFailure(error));
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: PgConnection): void {
    connection.sendCopyFail("COPY from the client is not supported");
  }

  handleCopyData(): void {}

  #send(connection: PgConnection): void {
    const prepared = this.#prepared;
    const { name } = prepared;
    this.#wasPrepared = prepared.isParsed;
    if (!prepared.isParsed) {
      for (const discarded of this.#owner.prepared.takeDiscarded()) {
        connection.close({ type: "S", name: discarded });
        delete connection.parsedStatements[discarded];
      }
      connection.parse({ name, text: prepared.sql });
    }
    connection.bind({ statement: name, values: this.#values });
    // The portal, not the statement: with that the server describes its parameters too, and `pg` reads no more than 32767 of them. The
    // columns are the statement's all the same, since the server refuses to run it once they would be others.
    if (prepared.columns === null) connection.describe({ type: "P", name: "" });
    connection.execute({ portal: "", rows: 0 });
    connection.sync();
  }

  #parse(texts: readonly (string | null)[]): Row {
    const columns = this.#prepared.columns ?? [];
    const row: Row = {};
    for (let index = 0; index < columns.length; index++) {
      const { name, parse } = columns[index] as (typeof columns)[number];
      const text = texts[index];
      const value = text === null || text === undefined ? null : (parse(text) as Value);
      if (name === "__proto__")
        Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
      else row[name] = value;
    }
    return row;
  }
}
