import type { Dialect, Isolation, Value } from "./database.ts";

/** A statement as its driver wants it: placeholders in the dialect's style, parameters checked and counted. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly Value[];
  /** `read` if it begins like one that only reads. A driver that sends reads elsewhere must cope with being told wrong. */
  readonly access: "read" | "write";
  /** One more row than this is {@link TooManyRows}. Infinity for no limit. */
  readonly maxRows: number;
}

/** What came of a statement. */
export interface StatementResult {
  readonly rows: Record<string, Value>[];
  readonly affectedRows: number;
  readonly lastInsertId: number | bigint | undefined;
}

/** Work under way in a database. */
export interface Running<Result> {
  readonly result: Promise<Result>;
  /**
   * Has the server stop it. `result` settles soon after in any case: where the server doesn't answer within a second, its
   * connection is given up.
   */
  cancel(): void;
}

/** Rows as they come. */
export interface RowStream {
  /** The next rows, at most as many as were asked for; an empty array at the end. Never called again before it has settled. */
  next(): Promise<Record<string, Value>[]>;
  /** Stops it, in the server too if it isn't done, and lets its connection go. May be called at any time, and twice. */
  close(): Promise<void>;
}

/** What runs statements: a driver, each on whatever connection is free, or a transaction, all on one. */
export interface StatementRunner {
  run(statement: Statement): Running<StatementResult>;
  stream(statement: Statement, batchRows: number): RowStream;
}

/** How a transaction begins. */
export interface BeginOptions {
  readonly isolation: Isolation | undefined;
  readonly readOnly: boolean;
}

/** A transaction on a connection of its own. Exactly one of `commit` and `rollback` is called, once, and lets the connection go. */
export interface DriverTransaction extends StatementRunner {
  /**
   * @param withinMs What takes longer may be given up as lost, whether it was done or not. @default as long as the driver thinks fit
   */
  commit(withinMs?: number): Promise<void>;
  /** Never rejects: a connection that can't roll back is given up, and the server rolls back by itself. */
  rollback(): Promise<void>;
}

/** What an error of a driver means. */
export type Failure =
  /** The server can't be reached, refuses connections, or is shutting down: nothing was done. */
  | { readonly kind: "unreachable" }
  /** The connection broke while the statement was under way: whether it was done isn't known. */
  | { readonly kind: "lost" }
  /** User, password or the name of the database are wrong. */
  | { readonly kind: "credentials" }
  /** A serialisation failure or a deadlock: the whole transaction may be run again. */
  | { readonly kind: "conflict" }
  /** Stopped because it was cancelled. */
  | { readonly kind: "cancelled" }
  /** A unique, foreign key, not-null or check constraint. */
  | { readonly kind: "constraint" }
  /** The statement itself: syntax, unknown names, types. */
  | { readonly kind: "statement" };

/** More rows than {@link Statement.maxRows}; the statement has been stopped. */
export class TooManyRows extends Error {}

/** What a leaf does for a database. It queues nothing: at most `capacity` calls are under way at a time. */
export interface DatabaseDriver extends StatementRunner {
  readonly dialect: Dialect;
  /** How many statements, streams and transactions it takes at a time. */
  readonly capacity: number;
  /** The most connections or threads it makes. */
  readonly maxSize: number;
  /** Connections or threads that exist. */
  readonly size: number;
  /** How many of them have nothing to do. */
  readonly idle: number;
  /** Connections made, or threads started, so far. */
  readonly connects: number;
  /** Takes a connection of its own for a transaction and begins it. */
  begin(options: BeginOptions): Promise<DriverTransaction>;
  /** Connects, if there is no connection yet, and has the server answer. */
  ping(): Promise<void>;
  /** What an error that came from here means. */
  classify(error: unknown): Failure;
  /**
   * Runs a script of several statements while no other process runs one under this lock, as migrations must.
   *
   * @param lock a name for the lock
   * @param work is given what runs whole scripts, on the connection that holds the lock
   * @param signal Once it is aborted, a server is told to stop what it is at, waiting for the lock among it, and is asked nothing more:
   * this rejects soon after.
   */
  exclusively<Result>(
    lock: string,
    work: (session: ScriptRunner) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result>;
  /** Lets all connections go; what is under way has ended or been cancelled before. */
  close(): Promise<void>;
}

/** Runs scripts, for migrations. */
export interface ScriptRunner extends StatementRunner {
  /** Runs statements separated by semicolons, without parameters. */
  script(sql: string): Promise<void>;
}
