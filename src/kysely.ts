/**
 * Typed queries with Kysely over a database of Sluice's: `new Kysely<Tables>({ dialect: kyselyDialect(database) })`. It is a module
 * of its own, `sluice/kysely`, so that Kysely needn't be installed by those who don't use it.
 *
 * @module
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from "kysely";
import { invalidOption } from "./errors/index.ts";
import {
  type Database,
  type Isolation,
  LaneQueryable,
  type Parameter,
  type Transaction,
  type TransactionOptions,
} from "./pools/index.ts";

const PARTS = {
  sqlite: { adapter: SqliteAdapter, introspector: SqliteIntrospector, compiler: SqliteQueryCompiler },
  postgres: { adapter: PostgresAdapter, introspector: PostgresIntrospector, compiler: PostgresQueryCompiler },
  mysql: { adapter: MysqlAdapter, introspector: MysqlIntrospector, compiler: MysqlQueryCompiler },
} as const;

const ISOLATIONS: ReadonlySet<string> = new Set<Isolation>([
  "read committed",
  "repeatable read",
  "serializable",
]);

/**
 * A dialect for Kysely, whichever database it is. Its queries go through the database's pool, with its limits, deadlines and errors.
 * The database stays yours to close: destroying the Kysely instance doesn't.
 *
 * @throws SLUICE_INVALID_OPTION if the database isn't one that `openDatabase` gave
 */
export function kyselyDialect(database: Database): Dialect {
  if (!(database instanceof LaneQueryable))
    throw invalidOption("database", "it is to come from openDatabase()");
  const parts = PARTS[database.dialect];
  return {
    createAdapter: (): DialectAdapter => new parts.adapter(),
    createDriver: (): Driver => new PoolDriver(database),
    createIntrospector: (kysely: Kysely<unknown>): DatabaseIntrospector => new parts.introspector(kysely),
    createQueryCompiler: (): QueryCompiler => new parts.compiler(),
  };
}

// A connection of Kysely's is none of the pool's until a transaction begins: each query takes whatever is free.
class PoolDriver implements Driver {
  readonly #database: Database & LaneQueryable;

  constructor(database: Database & LaneQueryable) {
    this.#database = database;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PoolConnection> {
    return new PoolConnection(this.#database);
  }

  async beginTransaction(connection: PoolConnection, settings: TransactionSettings): Promise<void> {
    await connection.begin(this.#database, settings);
  }

  async commitTransaction(connection: PoolConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: PoolConnection): Promise<void> {
    await connection.rollback();
  }

  async savepoint(connection: PoolConnection, name: string): Promise<void> {
    await connection.control(`SAVEPOINT ${quoted(name, this.#database)}`);
  }

  async rollbackToSavepoint(connection: PoolConnection, name: string): Promise<void> {
    await connection.control(`ROLLBACK TO SAVEPOINT ${quoted(name, this.#database)}`);
  }

  async releaseSavepoint(connection: PoolConnection, name: string): Promise<void> {
    await connection.control(`RELEASE SAVEPOINT ${quoted(name, this.#database)}`);
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

class PoolConnection implements DatabaseConnection {
  #source: LaneQueryable;
  readonly #database: LaneQueryable;
  #transaction: OpenTransaction | undefined;

  constructor(database: LaneQueryable) {
    this.#database = database;
    this.#source = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, affectedRows, lastInsertId } = await this.#source.run(
      query.sql,
      query.parameters as readonly Parameter[],
    );
    const result = { rows: rows as Row[], numAffectedRows: BigInt(affectedRows) };
    return lastInsertId === undefined ? result : { ...result, insertId: BigInt(lastInsertId) };
  }

  async *streamQuery<Row>(query: CompiledQuery, chunkSize = 100): AsyncIterableIterator<QueryResult<Row>> {
    const parameters = query.parameters as readonly Parameter[];
    const stream = this.#source.stream(query.sql, parameters, { batchRows: chunkSize });
    for await (const row of stream) yield { rows: [row as Row] };
  }

  async control(sql: string): Promise<void> {
    await this.#source.execute(sql);
  }

  async begin(database: Database & LaneQueryable, settings: TransactionSettings): Promise<void> {
    this.#transaction = new OpenTransaction(database, transactionOptions(settings));
    this.#source = await this.#transaction.begun();
  }

  async commit(): Promise<void> {
    this.#source = this.#database;
    await this.#transaction?.commit();
  }

  async rollback(): Promise<void> {
    this.#source = this.#database;
    await this.#transaction?.rollback();
  }
}

const ROLLED_BACK = Symbol("rolled back");

// Kysely begins and ends a transaction by calls, and the database runs a function in one: here is a function that waits for the calls.
class OpenTransaction {
  readonly #done: Promise<void>;
  readonly #begun: Promise<Transaction>;
  #commit!: () => void;
  #rollback!: (reason: unknown) => void;

  constructor(database: Database, options: TransactionOptions) {
    const ending = new Promise<void>((resolve, reject) => {
      this.#commit = resolve;
      this.#rollback = reject;
    });
    ending.catch(() => {});
    let tellBegun: (tx: Transaction) => void;
    const begun = new Promise<Transaction>((resolve) => {
      tellBegun = resolve;
    });
    this.#done = database.transaction((tx) => {
      tellBegun(tx);
      return ending;
    }, options);
    this.#done.catch(() => {});
    this.#begun = Promise.race([begun, this.#done.then(() => begun)]);
    this.#begun.catch(() => {});
  }

  async begun(): Promise<LaneQueryable> {
    return (await this.#begun) as Transaction & LaneQueryable;
  }

  commit(): Promise<void> {
    this.#commit();
    return this.#done;
  }

  async rollback(): Promise<void> {
    this.#rollback(ROLLED_BACK);
    // One that was stopped before, by its deadline say, has been rolled back already, and its caller has heard why.
    await this.#done.catch(() => {});
  }
}

function transactionOptions({ accessMode, isolationLevel }: TransactionSettings): TransactionOptions {
  const options = { readOnly: accessMode === "read only", retries: 0 };
  if (isolationLevel === undefined) return options;
  if (!isIsolation(isolationLevel))
    throw invalidOption("isolationLevel", `${isolationLevel} isn't one that every database has`);
  return { ...options, isolation: isolationLevel };
}

function isIsolation(level: string): level is Isolation {
  return ISOLATIONS.has(level);
}

function quoted(name: string, { dialect }: Database): string {
  return dialect === "mysql" ? `\`${name.replaceAll("`", "``")}\`` : `"${name.replaceAll('"', '""')}"`;
}
