import type { Connections, PooledSession, SessionOwner } from "../servers/session-keeper.ts";
import type { PgClient, PgClientOptions, PgPool } from "./pg-module.ts";
import { type PostgresParts, PostgresSession } from "./postgres-session.ts";

// What the values are read and written by, whatever the server, the database or the user have been set to.
const SESSION_SETTINGS =
  "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'; SET extra_float_digits = 1";

/** How the connections of a pool are made. */
export interface PostgresConnectionOptions {
  readonly client: PgClientOptions;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
}

/** `pg`'s pool. */
export class PostgresConnections implements Connections {
  readonly #parts: PostgresParts;
  readonly #pool: PgPool;
  readonly #sessions = new WeakMap<PgClient, PostgresSession>();
  readonly #clients = new WeakMap<PooledSession, PgClient>();

  constructor(parts: PostgresParts, options: PostgresConnectionOptions) {
    this.#parts = parts;
    const { client, maxConnections, idleTimeoutMs } = options;
    // The pool would set a timer for each caller if it knew of this: it's the connecting that takes time, not the waiting.
    const { connectionTimeoutMillis, ...untimed } = client;
    this.#pool = new parts.pg.Pool({
      ...untimed,
      max: maxConnections,
      idleTimeoutMillis: idleTimeoutMs,
      onConnect: prepareSession,
      Client: timedClient(parts, connectionTimeoutMillis),
    });
    // A connection broke that was idle: it is gone from the pool, and its session knows.
    this.#pool.on("error", () => {});
  }

  checkOut(owner: SessionOwner, done: (error: unknown, session: PooledSession | null) => void): void {
    this.#pool.connect((error, client) => {
      if (client === undefined) done(error, null);
      else done(null, this.#sessionOf(client, owner));
    });
  }

  checkIn(session: PooledSession): void {
    this.#clients.get(session)?.release(session.isBroken);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  #sessionOf(client: PgClient, owner: SessionOwner): PostgresSession {
    const known = this.#sessions.get(client);
    if (known !== undefined) return known;
    const session = new PostgresSession(this.#parts, client, owner);
    this.#sessions.set(client, session);
    this.#clients.set(session, client);
    return session;
  }
}

/** Makes a connection apart from the pool. */
export async function connectPostgres(
  parts: PostgresParts,
  options: PgClientOptions,
  owner: SessionOwner,
): Promise<PostgresSession> {
  const client = new parts.pg.Client(options);
  const session = new PostgresSession(parts, client, owner);
  try {
    await client.connect();
    await prepareSession(client);
    return session;
  } catch (error) {
    session.destroy("it couldn't connect");
    throw error;
  }
}

function prepareSession(client: PgClient): Promise<unknown> {
  return client.query(SESSION_SETTINGS);
}

function timedClient({ pg }: PostgresParts, connectionTimeoutMillis: number | undefined): typeof pg.Client {
  return class extends pg.Client {
    constructor(options: PgClientOptions) {
      super({ ...options, ...(connectionTimeoutMillis !== undefined && { connectionTimeoutMillis }) });
    }
  };
}
