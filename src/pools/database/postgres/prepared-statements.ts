/** A statement that the server keeps under a name for one connection. */
export interface PreparedStatement {
  readonly name: string;
  readonly sql: string;
  /** Whether the server has it. */
  isParsed: boolean;
  /** What its rows look like, once that is known; an empty array if it has none. */
  columns: readonly PreparedColumn[] | null;
  /** Whether it has been used since the last time that somebody looked for what to forget. */
  wasUsed: boolean;
}

/** A column of the rows of a statement. */
export interface PreparedColumn {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** The most statements that a connection keeps prepared: each takes memory in the server. */
const MAX_STATEMENTS = 256;

const NONE: readonly string[] = [];

/** The prepared statements of one connection: so many at most, of which those go first that were not used of late. */
export class PreparedStatements {
  readonly #bySql = new Map<string, PreparedStatement>();
  readonly #max: number;
  #discarded: string[] = [];
  #count = 0;

  constructor(max: number = MAX_STATEMENTS) {
    this.#max = max;
  }

  /** How many there are. */
  get size(): number {
    return this.#bySql.size;
  }

  /** The statement with this text, which may have to be parsed yet. */
  get(sql: string): PreparedStatement {
    const known = this.#bySql.get(sql);
    if (known !== undefined) {
      known.wasUsed = true;
      return known;
    }
    if (this.#bySql.size >= this.#max) this.#makeRoom();
    this.#count += 1;
    const statement = { name: `sluice_${this.#count}`, sql, isParsed: false, columns: null, wasUsed: false };
    this.#bySql.set(sql, statement);
    return statement;
  }

  /** Forgets a statement. */
  delete(statement: PreparedStatement): void {
    if (this.#bySql.get(statement.sql) === statement) this.#bySql.delete(statement.sql);
    if (statement.isParsed) this.#discarded.push(statement.name);
  }

  /** The names of those that have been forgotten here, and that the server has to be told to forget. Each is given once. */
  takeDiscarded(): readonly string[] {
    if (this.#discarded.length === 0) return NONE;
    const names = this.#discarded;
    this.#discarded = [];
    return names;
  }

  // Each that was used is given a second chance, and goes to the end of the line.
  #makeRoom(): void {
    for (const [sql, statement] of this.#bySql) {
      if (!statement.wasUsed) {
        this.delete(statement);
        return;
      }
      statement.wasUsed = false;
      this.#bySql.delete(sql);
      this.#bySql.set(sql, statement);
    }
  }
}
