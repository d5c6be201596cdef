import type { Resource } from "../resource.ts";

/** Which database is behind the interface. */
export type Dialect = "sqlite" | "postgres" | "mysql";

/** A value of a column, the same from every database. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly unknown[]
  | { readonly [key: string]: unknown };

/** A value to bind: arrays and plain objects are bound as JSON. */
export type Parameter = Value;

/** What a query may say about itself. */
export interface QueryOptions {
  /** Cancels the query, in the server too. */
  readonly signal?: AbortSignal;
  /** The query is cancelled after so many milliseconds of running; null for never. @default the database's `queryTimeoutMs` */
  readonly timeoutMs?: number | null;
}

/** What a query for rows may say about itself. */
export interface RowsOptions extends QueryOptions {
  /** More rows than so many are an error, and stop the query. @default the database's `maxRows` */
  readonly maxRows?: number;
}

/** What a stream of rows may say about itself. */
export interface StreamOptions extends QueryOptions {
  /** How many rows are fetched at a time: what is held in memory at most. @default 100 */
  readonly batchRows?: number;
}

/** What a statement did. */
export interface ExecuteResult {
  /** Rows inserted, changed or deleted. */
  readonly affectedRows: number;
  /** The key that the database made for the last row inserted; undefined where there is none (PostgreSQL: use RETURNING). */
  readonly lastInsertId: number | bigint | undefined;
}

/** What runs SQL. Placeholders are `?`; the database's own style (`$1`, `:name` is not among them) is taken as well. */
export interface Queryable {
  /**
   * Runs a statement and gives its rows.
   *
   * @throws SLUICE_TOO_MANY_ROWS, SLUICE_QUERY_TIMEOUT, SLUICE_QUERY_CANCELLED, SLUICE_QUERY_FAILED, SLUICE_CONSTRAINT_VIOLATED,
   * SLUICE_PARAMETER_COUNT, SLUICE_INVALID_PARAMETER, SLUICE_INVALID_OPTION, SLUICE_POOL_FULL, SLUICE_POOL_TIMEOUT, SLUICE_POOL_CLOSED, SLUICE_UNREACHABLE,
   * SLUICE_CONNECTION_LOST
   */
  query<Row extends object = Record<string, Value>>(
    sql: string,
    params?: readonly Parameter[],
    options?: RowsOptions,
  ): Promise<Row[]>;
  /** Runs a statement for what it does. @throws as {@link Queryable.query} */
  execute(sql: string, params?: readonly Parameter[], options?: QueryOptions): Promise<ExecuteResult>;
  /** Gives rows as they come, a few in memory at a time. Leaving the loop stops the query. @throws as {@link Queryable.query} */
  stream<Row extends object = Record<string, Value>>(
    sql: string,
    params?: readonly Parameter[],
    options?: StreamOptions,
  ): AsyncIterable<Row>;
}

/** How far transactions see each other's work. SQLite's are always serializable. */
export type Isolation = "read committed" | "repeatable read" | "serializable";

/** How a transaction runs. */
export interface TransactionOptions extends QueryOptions {
  /** @default the database's own */
  readonly isolation?: Isolation;
  /** @default false */
  readonly readOnly?: boolean;
  /** How often the function is run again after a serialisation failure or a deadlock. @default 3 */
  readonly retries?: number;
}

/** A database, with a bounded pool of connections. */
export interface Database extends Queryable, Resource {
  /** Which database it is. */
  readonly dialect: Dialect;
  /**
   * Runs a function in a transaction: committed when it returns, rolled back when it throws, run again after a serialisation failure
   * or a deadlock. Use the `tx` it is given: the database itself is outside of the transaction.
   *
   * @throws what the function throws; SLUICE_TRANSACTION_CONFLICT when no retry is left; SLUICE_COMMIT_UNKNOWN if the connection broke,
   * or the time was up, while the commit was under way; as {@link Queryable.query}
   */
  transaction<Result>(
    run: (tx: Transaction) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
  /**
   * Applies the numbered files of a folder (`001-users.sql`, `002-messages.sql`) that haven't been applied yet, in order, each once even
   * if several processes start at a time.
   *
   * @returns the names of those it has applied
   * @throws SLUICE_MIGRATION_FAILED, SLUICE_MIGRATION_CHANGED, SLUICE_MIGRATION_INVALID; SLUICE_POOL_CLOSED if it was still under way
   * when the time to drain was up
   */
  migrate(folder: string | URL): Promise<string[]>;
}

/** A transaction under way. */
export interface Transaction extends Queryable {
  /** A transaction within: its failure undoes only what it did (a savepoint). */
  transaction<Result>(run: (tx: Transaction) => Promise<Result>): Promise<Result>;
}
