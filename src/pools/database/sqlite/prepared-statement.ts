import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import type { AnswerBatch } from "./answer-batch.ts";
import { makesKey, type Operation } from "./makes-key.ts";
import { givesOneRow } from "./one-row.ts";
import type { Verb } from "./statement-verb.ts";
import type { WireValue } from "./thread-protocol.ts";

/** A row as the binding gives it. */
export type RawRow = (null | number | bigint | string | Uint8Array)[];

/** What came of a statement without rows. */
export interface Changes {
  readonly affectedRows: number;
  readonly lastInsertId: number | bigint | null;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER);

/** A statement that is prepared once and run many times. */
export class PreparedStatement {
  readonly verb: Verb;
  /** Whether it updates where it can't insert. */
  readonly isUpsert: boolean;
  readonly #statement: StatementSyncInstance;
  readonly #answers: AnswerBatch;
  #width: number;
  #columns = 0;
  // Reading all integers as bigint and making numbers of them costs a fifth of a query; the binding throws where that is needed.
  #readsBigInts = false;
  #givesOneRow: boolean | undefined;
  #makesKey: boolean | undefined;

  constructor(statement: StatementSyncInstance, verb: Verb, answers: AnswerBatch) {
    this.#statement = statement;
    this.#answers = answers;
    this.verb = verb;
    this.isUpsert = verb === "insert" && /\bDO\s+UPDATE\b/i.test(statement.sourceSQL);
    this.#width = statement.columns().length;
    statement.setReturnArrays(true);
    // What changes something can't be run once more because an integer turned out to be large.
    if (verb !== "select") this.readBigInts();
  }

  /** Whether it gives rows. */
  get hasRows(): boolean {
    return this.#width > 0;
  }

  /** Whether integers come as bigint, whatever their size, as far as SQLite is concerned; {@link PreparedStatement.append} makes numbers of them. */
  get readsBigInts(): boolean {
    return this.#readsBigInts;
  }

  /** From now on no integer is too large. */
  readBigInts(): void {
    this.#readsBigInts = true;
    if (this.hasRows) this.#statement.setReadBigInts(true);
  }

  /** Runs it for what it does. The key is right only if it makes one: {@link PreparedStatement.makesKey}. */
  change(params: readonly WireValue[]): Changes {
    const { changes, lastInsertRowid } = this.#statement.run(...params);
    switch (this.verb) {
      case "insert":
        return { affectedRows: changes, lastInsertId: changes > 0 ? lastInsertRowid : null };
      case "update":
      case "delete":
        return { affectedRows: changes, lastInsertId: null };
      default:
        // SQLite counts the changes of the last statement that made any.
        return { affectedRows: 0, lastInsertId: null };
    }
  }

  /** Whether it is known to give one row at most, by the schema that it was run with. */
  get givesOneRow(): boolean | undefined {
    return this.#givesOneRow;
  }

  /** Finds out whether it gives one row at most. To be asked after it has been run: SQLite learns of a change of the schema only then. */
  learnWhetherOneRow(database: DatabaseSyncInstance): void {
    this.#givesOneRow = this.verb === "select" && givesOneRow(operationsOf(database, this.#statement));
  }

  /** Whether a row that it inserts has a key of its own. To be asked after it has been run, as above. */
  makesKey(database: DatabaseSyncInstance): boolean {
    this.#makesKey ??= this.verb === "insert" && makesKey(operationsOf(database, this.#statement));
    return this.#makesKey;
  }

  /** Runs it for its first row. A fifth of what an iterator costs, but it doesn't tell whether there are more. */
  first(params: readonly WireValue[]): RawRow | undefined {
    return this.#statement.get(...params) as RawRow | undefined;
  }

  /** Runs it for its rows. The iterator must be ended with `return`, or the statement stays as it is. */
  iterate(params: readonly WireValue[]): Iterator<RawRow> {
    return this.#statement.iterate(...params) as Iterator<RawRow>;
  }

  /** What its columns are called in answers. Asked for after a row has been read, it is right even if the schema has just changed. */
  columns(): number {
    if (this.#columns === 0) {
      const columns = this.#statement.columns();
      this.#width = columns.length;
      this.#columns = this.#answers.announce(
        columns.map(({ name }) => name),
        columns.map(({ type }) => type),
      );
    }
    return this.#columns;
  }

  /** Puts the values of a row at the end of an answer. */
  append(row: RawRow, values: unknown[]): void {
    // A statement is prepared again by itself when another process has changed the schema.
    if (row.length !== this.#width) this.release();
    for (let at = 0; at < row.length; at++) {
      const value = row[at];
      values.push(typeof value === "bigint" ? narrowed(value) : value);
    }
    this.#width = row.length;
  }

  /** Its columns won't be referred to any more. */
  release(): void {
    if (this.#columns !== 0) this.#answers.forget(this.#columns);
    this.#columns = 0;
  }
}

function operationsOf(database: DatabaseSyncInstance, { sourceSQL }: StatementSyncInstance): Operation[] {
  try {
    return database.prepare(`EXPLAIN ${sourceSQL}`).all() as unknown as Operation[];
  } catch {
    // An EXPLAIN itself can't be explained.
    return [];
  }
}

/** An integer of SQLite's: a number, unless it isn't safe as one. */
export function narrowed(value: bigint): number | bigint {
  return value <= MAX_SAFE && value >= MIN_SAFE ? Number(value) : value;
}
