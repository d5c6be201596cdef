import { reasonOf } from "../../../internal/reason-of.ts";
import { invalidUrl } from "../../invalid-url.ts";
import type { DatabaseDriver } from "../driver.ts";
import type { DriverOptions } from "../driver-options.ts";
import { ServerDriver } from "../servers/server-driver.ts";
import { nobody, SessionKeeper } from "../servers/session-keeper.ts";
import { loadPg, type PgClientOptions, type PgModule } from "./pg-module.ts";
import { connectPostgres, PostgresConnections } from "./postgres-connections.ts";
import { postgresDialect } from "./postgres-dialect.ts";
import type { PostgresParts } from "./postgres-session.ts";
import { postgresTypes } from "./postgres-values.ts";

/**
 * A driver for PostgreSQL, on `pg`. Nothing is connected yet.
 *
 * @param url `postgres://user:password@host:port/database`, with what else `pg` takes, such as `?sslmode=verify-full`
 * @throws SLUICE_DRIVER_MISSING, SLUICE_INVALID_URL
 */
export async function postgresDriver(url: URL, options: DriverOptions): Promise<DatabaseDriver> {
  const { pg, Cursor } = await loadPg();
  const parts: PostgresParts = { pg, Cursor, types: postgresTypes(pg.types.arrayParser) };
  const client: PgClientOptions = {
    connectionString: url.href,
    connectionTimeoutMillis: options.connectTimeoutMs,
    fallback_application_name: options.name,
    keepAlive: true,
    types: parts.types,
  };
  checkUrl(pg, client, url);
  const { maxConnections, idleTimeoutMs } = options;
  const connections = new PostgresConnections(parts, { client, maxConnections, idleTimeoutMs });
  return new ServerDriver({
    pool: new SessionKeeper(connections, options),
    dialect: postgresDialect,
    answerMs: options.connectTimeoutMs,
    openScriptSession: () => connectPostgres(parts, client, nobody),
  });
}

// A client reads what its URL names, such as the file of `sslrootcert`, when it is made; it connects to nothing yet.
function checkUrl(pg: PgModule, client: PgClientOptions, url: URL): void {
  try {
    new pg.Client(client);
  } catch (error) {
    throw invalidUrl(url, reasonOf(error), error);
  }
}
