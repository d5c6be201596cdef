import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import { LRUCache } from "lru-cache";
import { reasonOf } from "../../../internal/reason-of.ts";
import type { AnswerBatch } from "./answer-batch.ts";
import { BUSY_PAUSE_MS, isBusy } from "./busy.ts";
import { narrowed, PreparedStatement } from "./prepared-statement.ts";
import { isSeveral } from "./several-statements.ts";
import {
  classifyFailure,
  errcodeOf,
  hasResultCode,
  nameOf,
  OWN_CODES,
  RESULT_CODES,
  SqliteFailure,
} from "./sqlite-failure.ts";
import { verbOf } from "./statement-verb.ts";
import type { ThreadData } from "./thread-protocol.ts";

// A statement takes some kilobytes; a program has hundreds of them at most, unless it writes values into its SQL.
const MAX_STATEMENTS = 256;
// SQLite waits by itself only for short: waiting longer is done between calls, where it can be cancelled.
const NATIVE_BUSY_MS = 100;
const MAX_WAL_BYTES = 64 * 1024 * 1024;
const OPEN_TIMEOUT_MS = 5_000;

/** One connection, with the statements that were prepared on it. */
export class SqliteConnection {
  readonly #database: DatabaseSyncInstance;
  readonly #answers: AnswerBatch;
  readonly #statements: LRUCache<string, PreparedStatement>;
  readonly #schemaVersionQuery: StatementSyncInstance;
  #begin: StatementSyncInstance | undefined;
  #schemaVersion = -1;
  #isSnapshot = false;
  #lastInsertIdQuery: StatementSyncInstance | undefined;

  private constructor(database: DatabaseSyncInstance, answers: AnswerBatch) {
    this.#database = database;
    this.#answers = answers;
    this.#schemaVersionQuery = database.prepare("PRAGMA schema_version");
    this.#statements = new LRUCache({
      max: MAX_STATEMENTS,
      dispose: (statement) => statement.release(),
    });
  }

  /** Opens a database for writing; makes it if there is none. */
  static openWriter({ path, isTemporary }: ThreadData, answers: AnswerBatch): SqliteConnection {
    return opened(() => new SqliteConnection(openForWriting(path, isTemporary), answers));
  }

  /** Opens a database for reading. */
  static openReader(path: string, answers: AnswerBatch): SqliteConnection {
    return opened(() => new SqliteConnection(openReadOnly(path), answers));
  }

  /** Whether a transaction is under way. */
  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    refuseNul(sql);
    this.#database.exec(sql);
  }

  /** A statement that is ready to run: prepared now, or before. */
  prepare(sql: string): PreparedStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.prepareApart(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }

  /** A statement for one use only, that may stay open while others run. */
  prepareApart(sql: string): PreparedStatement {
    refuseNul(sql);
    if (isSeveral(sql)) {
      const message =
        "it is several statements; run them one by one, in a transaction if they belong together";
      throw new SqliteFailure(OWN_CODES.refused, 0, message);
    }
    return new PreparedStatement(this.#database.prepare(sql), verbOf(sql), this.#answers);
  }

  /**
   * Has all statements see the database as it is now, until {@link SqliteConnection.endSnapshot}. They share the locks that each would take
   * by itself: a third of what a short query costs.
   *
   * @throws what reading throws; then there is no snapshot
   */
  beginSnapshot(): void {
    this.#begin ??= this.#database.prepare("BEGIN");
    this.#begin.run();
    this.#isSnapshot = true;
    try {
      this.noticeSchemaChange();
    } catch (error) {
      this.endSnapshot();
      throw error;
    }
  }

  /** Whether a snapshot has begun. */
  get isSnapshot(): boolean {
    return this.#isSnapshot;
  }

  /** Sees the database as it is from now on; never throws. */
  endSnapshot(): void {
    if (!this.#isSnapshot) return;
    this.#isSnapshot = false;
    this.rollback();
  }

  /** Whether a statement is sure to give one row at most: the schema stays as it is as long as a snapshot does. */
  givesOneRow(statement: PreparedStatement): boolean {
    return this.#isSnapshot && statement.givesOneRow === true;
  }

  /** Takes note of what can be known of a statement that has just been run. */
  learn(statement: PreparedStatement): void {
    if (this.#isSnapshot && statement.givesOneRow === undefined) statement.learnWhetherOneRow(this.#database);
  }

  /** The key of the last row that was inserted. */
  lastInsertId(): number | bigint {
    this.#lastInsertIdQuery ??= this.#database.prepare("SELECT last_insert_rowid() AS id", {
      readBigInts: true,
    });
    const { id } = this.#lastInsertIdQuery.get() as { id: bigint };
    return narrowed(id);
  }

  /** Whether a row that a statement inserts has a key of its own: what SQLite knows of it once it has been run. */
  makesKey(statement: PreparedStatement): boolean {
    return statement.makesKey(this.#database);
  }

  /** Drops all statements: their columns may have changed. */
  forgetStatements(): void {
    this.#statements.clear();
  }

  /** Drops all statements if the schema isn't the one that they were prepared for. Another process may have changed it. */
  noticeSchemaChange(): void {
    const row = this.#schemaVersionQuery.get() as { schema_version: number };
    if (row.schema_version !== this.#schemaVersion) this.forgetStatements();
    this.#schemaVersion = row.schema_version;
  }

  /** Undoes what is under way; never throws. */
  rollback(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself.
    }
  }

  /** Lets it go; never throws. */
  close(): void {
    this.forgetStatements();
    try {
      this.#database.close();
    } catch {
      // There is nothing left to be closed.
    }
  }
}

function opened(open: () => SqliteConnection): SqliteConnection {
  try {
    return open();
  } catch (error) {
    throw notOpened(error);
  }
}

// In a database that isn't open nothing was begun: whatever SQLite says, nothing can have been lost, and no statement is wrong.
function notOpened(error: unknown): unknown {
  const errcode = errcodeOf(error);
  const failure = error instanceof SqliteFailure ? error : new SqliteFailure(nameOf(errcode), errcode, "");
  const { kind } = classifyFailure(failure);
  if (kind === "unreachable" || kind === "conflict") return error;
  return new SqliteFailure(OWN_CODES.notOpened, 0, reasonOf(error));
}

function openForWriting(path: string, isTemporary: boolean): DatabaseSyncInstance {
  const database = new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    useWal(database, path);
    // In WAL mode FULL syncs the log at every commit: what was acknowledged survives a loss of power.
    database.exec(`PRAGMA synchronous = ${isTemporary ? "OFF" : "FULL"}`);
    database.exec(`PRAGMA journal_size_limit = ${MAX_WAL_BYTES}`);
    database.exec(`PRAGMA busy_timeout = ${NATIVE_BUSY_MS}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function openReadOnly(path: string): DatabaseSyncInstance {
  try {
    return new DatabaseSync(path, { readOnly: true, timeout: OPEN_TIMEOUT_MS });
  } catch (error) {
    if (!hasResultCode(error, RESULT_CODES.cantOpen)) throw error;
    // Nobody has written to it yet.
    const writer = new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS });
    try {
      useWal(writer, path);
    } finally {
      writer.close();
    }
    return new DatabaseSync(path, { readOnly: true, timeout: OPEN_TIMEOUT_MS });
  }
}

// SQLite would run what stands before it.
function refuseNul(sql: string): void {
  if (sql.includes("\0")) throw new SqliteFailure(OWN_CODES.refused, 0, "there is a NUL in the statement");
}

function useWal(database: DatabaseSyncInstance, path: string): void {
  const deadline = performance.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    try {
      const { journal_mode: mode } = database.prepare("PRAGMA journal_mode = WAL").get() as {
        journal_mode: string;
      };
      if (mode === "wal") return;
      const message = `the file system of ${path} can't share memory, as the WAL needs it (its journal is ${mode})`;
      throw new SqliteFailure(OWN_CODES.noThread, 0, message);
    } catch (error) {
      // Several open it for the first time at once; SQLite doesn't wait for this lock by itself.
      if (!isBusy(error) || performance.now() > deadline) throw error;
      pause(BUSY_PAUSE_MS);
    }
  }
}

/** Holds the thread for so many milliseconds. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
