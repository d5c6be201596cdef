import type { Connections, PooledSession, SessionOwner } from "../servers/session-keeper.ts";
import type { MysqlConnection, MysqlPool } from "./mysql-module.ts";
import { type MysqlParts, MysqlSession } from "./mysql-session.ts";

// What the times are read and written by, whatever the server has been set to.
const SESSION_SETTINGS = "SET time_zone = '+00:00'";

/** How large a pool is, and for how long its connections stay without work. */
export interface MysqlPoolSize {
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
}

/** `mysql2`'s pool. */
export class MysqlConnections implements Connections {
  readonly #parts: MysqlParts;
  readonly #pool: MysqlPool;
  readonly #sessions = new WeakMap<MysqlConnection, MysqlSession>();
  readonly #connections = new WeakMap<PooledSession, MysqlConnection>();

  constructor(parts: MysqlParts, { maxConnections, idleTimeoutMs }: MysqlPoolSize) {
    this.#parts = parts;
    this.#pool = parts.mysql.createPool({
      ...parts.options,
      // One more than will ever be asked for: the pool looks for what has been idle for too long only where it may keep fewer idle
      // than there may be, and would close what exceeds that at once.
      connectionLimit: maxConnections + 1,
      maxIdle: maxConnections,
      idleTimeout: idleTimeoutMs,
      gracefulEnd: true,
    });
  }

  checkOut(owner: SessionOwner, done: (error: unknown, session: PooledSession | null) => void): void {
    this.#pool.getConnection((error, connection) => {
      if (connection === undefined) done(error, null);
      else done(null, this.#sessionOf(connection, owner));
    });
  }

  checkIn(session: PooledSession): void {
    const connection = this.#connections.get(session);
    if (session.isBroken) connection?.destroy();
    else connection?.release();
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#pool.end(() => resolve()));
  }

  #sessionOf(connection: MysqlConnection, owner: SessionOwner): MysqlSession {
    const known = this.#sessions.get(connection);
    if (known !== undefined) return known;
    const session = new MysqlSession(this.#parts, connection, owner);
    this.#sessions.set(connection, session);
    this.#connections.set(session, connection);
    prepareSession(session);
    return session;
  }
}

/** Makes a connection apart from the pool, for scripts of several statements. */
export async function connectMysql(parts: MysqlParts, owner: SessionOwner): Promise<MysqlSession> {
  const connection = parts.mysql.createConnection({ ...parts.options, multipleStatements: true });
  await new Promise<void>((resolve, reject) => {
    connection.once("connect", resolve);
    connection.on("error", reject);
  });
  const session = new MysqlSession(parts, connection, owner);
  prepareSession(session);
  return session;
}

// What is run next waits for it in the driver.
function prepareSession(session: MysqlSession): void {
  session.control(SESSION_SETTINGS, {
    succeed: () => {},
    fail: () => session.destroy("its time zone couldn't be set"),
  });
}
