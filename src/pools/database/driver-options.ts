/** What a leaf tells of its connections or threads. */
export interface DriverEvents {
  /** One was made, which took so many milliseconds. */
  onConnect(durationMs: number): void;
  /** One couldn't be made, and whoever wanted it has given up waiting, so that this is all that is heard of it. */
  onConnectFailed(error: unknown): void;
  /** One is gone. */
  onDisconnect(reason: string): void;
}

/** What every leaf for a database is given. */
export interface DriverOptions {
  /** What the pool is called, for errors, threads and the server's list of connections. */
  readonly name: string;
  /** The most connections, or for SQLite threads, that it makes. */
  readonly maxConnections: number;
  /** A connection without work is closed after so many milliseconds. */
  readonly idleTimeoutMs: number;
  /** A connection is replaced once it is so many milliseconds old, less a random part. */
  readonly maxLifetimeMs: number;
  /** Making a connection may take so many milliseconds. */
  readonly connectTimeoutMs: number;
  /** Whom to tell. */
  readonly events: DriverEvents;
}

/** Which SQLite database is opened. */
export interface SqliteTarget {
  /** The path of its file; `:memory:` for one of the pool's own that is gone when the pool is closed. */
  readonly path: string;
}
