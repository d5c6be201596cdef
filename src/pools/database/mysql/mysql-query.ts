import type { Value } from "../database.ts";
import type { Statement, StatementResult } from "../driver.ts";
import type { LostError } from "../servers/connection-errors.ts";
import type { StatementOutcome } from "../servers/session.ts";
import { errorNumberOf } from "./mysql-failure.ts";
import type { MysqlColumn, MysqlCommand, MysqlHeader } from "./mysql-module.ts";
import { type ColumnConversion, conversionsOf, convertRow } from "./mysql-values.ts";

type Row = Record<string, Value>;

/** Something under way on a connection. */
export interface ActiveWork {
  /** The connection is gone: the driver tells that to nobody who has no callback. */
  broken(error: LostError): void;
}

/** What a statement needs of its session. */
export interface QueryOwner {
  /** The session does nothing any more. */
  free(): void;
  /** The server has done a statement, and says how its session is. */
  onStatus(header: MysqlHeader): void;
  /** What an error of the server is to those outside: a LostError if the connection is gone with it. */
  asFailure(error: unknown): unknown;
  /** Runs a statement without preparing it. */
  runUnprepared(statement: Statement, outcome: StatementOutcome): void;
}

// There are statements that MySQL doesn't prepare.
const NOT_PREPARABLE = 1295;

/** A statement being run. It counts the rows as they come. */
export class MysqlQuery implements ActiveWork {
  readonly #statement: Statement;
  readonly #outcome: StatementOutcome;
  readonly #owner: QueryOwner;
  readonly #rows: Row[] = [];
  #sets = 0;
  #areRows = false;
  #isExceeded = false;
  #conversions: readonly ColumnConversion[] | null = null;
  #header: MysqlHeader | null = null;
  #error: unknown = null;
  // What went wrong here, and not in the server.
  #ownError: { readonly error: unknown } | null = null;
  #isEnded = false;

  constructor(statement: Statement, outcome: StatementOutcome, owner: QueryOwner) {
    this.#statement = statement;
    this.#outcome = outcome;
    this.#owner = owner;
  }

  /** Listens to its command. */
  follow(command: MysqlCommand): void {
    command.on("fields", (columns) => this.#onColumns(columns));
    command.on("result", (result) => this.#onResult(result));
    command.on("error", (error) => {
      this.#error ??= error;
    });
    command.on("end", () => this.#end());
  }

  broken(error: LostError): void {
    this.#ownError = { error };
    this.#end();
  }

  // A procedure may give several sets of rows; those of the first are the result.
  #onColumns(columns: readonly MysqlColumn[] | undefined): void {
    this.#areRows = columns !== undefined;
    if (columns === undefined) return;
    this.#sets += 1;
    // Of each set, though only the first one's rows are taken: it renames columns that would cost the connection.
    const conversions = conversionsOf(columns);
    if (this.#sets === 1) this.#conversions = conversions;
  }

  #onResult(result: object): void {
    if (!this.#areRows) {
      this.#header = result as MysqlHeader;
      this.#owner.onStatus(this.#header);
    } else if (this.#sets === 1 && !this.#isExceeded) this.#onRow(result as Row);
  }

  #onRow(row: Row): void {
    if (this.#rows.length >= this.#statement.maxRows) {
      this.#isExceeded = true;
      this.#outcome.exceeded();
      return;
    }
    // What is thrown here would break the connection.
    try {
      if (this.#conversions !== null) convertRow(row, this.#conversions);
      this.#rows.push(row);
    } catch (error) {
      this.#ownError ??= { error };
    }
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#owner.free();
    const error = this.#error;
    if (this.#ownError !== null) this.#outcome.fail(this.#ownError.error);
    else if (error === null) this.#outcome.succeed(this.#result());
    else if (errorNumberOf(error) === NOT_PREPARABLE && this.#statement.params.length === 0)
      this.#owner.runUnprepared(this.#statement, this.#outcome);
    else this.#outcome.fail(this.#owner.asFailure(error));
  }

  #result(): StatementResult {
    const header = this.#header;
    return {
      rows: this.#rows,
      affectedRows: header?.affectedRows ?? 0,
      lastInsertId: lastInsertIdOf(header),
    };
  }
}

function lastInsertIdOf(header: MysqlHeader | null): number | bigint | undefined {
  const id = header?.insertId;
  if (id === undefined || id === 0) return undefined;
  // The driver takes it for signed, and a key that was made never is.
  return typeof id === "string" ? BigInt.asUintN(64, BigInt(id)) : id;
}
