import { reasonOf } from "../internal/reason-of.ts";
import {
  type Database,
  noStats,
  openDatabase,
  type PoolStats,
  type Resource,
  type ResourceCloseOptions,
  type ResourceHealth,
} from "../pools/index.ts";

/** Where the demo keeps things if nothing is said: gone when the process ends. */
const IN_MEMORY = "sqlite::memory:";

/** Makes the tables that it needs, unless they are there. It may be called again after it has failed. */
export type Prepare = (database: Database) => Promise<void>;

/**
 * The database of the demo, with its tables. A server opens it with its other resources; where it isn't required and was away then, the
 * first one to need it prepares it.
 */
export class DemoDatabase implements Resource {
  readonly name = "database";
  /** A database that was asked for is needed; the one in memory, which nobody has asked for, isn't. */
  readonly required: boolean;
  /** Whether what is kept is gone when the process ends. */
  readonly isInMemory: boolean;
  readonly #url: string;
  readonly #prepare: readonly Prepare[];
  #database: Promise<Database> | undefined;
  #opened: Database | undefined;
  #ready: Promise<Database> | undefined;
  #failure: string | undefined;
  #isClosed = false;

  /** @param url @default "sqlite::memory:" */
  constructor(url: string | undefined, prepare: readonly Prepare[]) {
    this.#url = url ?? IN_MEMORY;
    this.required = url !== undefined;
    this.isInMemory = this.#url === IN_MEMORY;
    this.#prepare = prepare;
  }

  async open(): Promise<void> {
    await this.ready();
  }

  /** The database once its tables are there. @throws what opening it, or making them, throws */
  ready(): Promise<Database> {
    this.#ready ??= this.#makeReady();
    return this.#ready;
  }

  health(): ResourceHealth {
    if (this.#isClosed) return { status: "closed" };
    if (this.#failure !== undefined) return { status: "down", reason: this.#failure };
    return this.#opened?.health() ?? { status: "up" };
  }

  stats(): PoolStats {
    return this.#opened?.stats() ?? noStats;
  }

  async close(options?: ResourceCloseOptions): Promise<void> {
    this.#isClosed = true;
    const database = await this.#database?.catch(() => undefined);
    await database?.close(options);
  }

  async #makeReady(): Promise<Database> {
    try {
      this.#database ??= openDatabase(this.#url, { name: this.name, required: this.required });
      const database = await this.#database;
      this.#opened = database;
      await database.open();
      for (const prepare of this.#prepare) await prepare(database);
      this.#failure = undefined;
      return database;
    } catch (error) {
      this.#ready = undefined;
      if (this.#opened === undefined) this.#database = undefined;
      this.#failure = reasonOf(error);
      throw error;
    }
  }
}

/**
 * Makes a table that several processes may be making at a time. `IF NOT EXISTS` isn't enough in PostgreSQL: of two that see that it
 * doesn't exist, one fails.
 *
 * @throws what making it throws, unless it is there afterwards
 */
export async function makeTable(database: Database, name: string, columns: string): Promise<void> {
  try {
    await database.execute(`CREATE TABLE IF NOT EXISTS ${name} (${columns})${optionsOf(database)}`);
  } catch (error) {
    await database.query(`SELECT 1 AS one FROM ${name} LIMIT 1`).catch(() => {
      throw error;
    });
  }
}

// What a server's own default is isn't known: text is to come back as it went.
function optionsOf({ dialect }: Database): string {
  return dialect === "mysql" ? " CHARACTER SET utf8mb4" : "";
}
