import { Meter } from "../meter.ts";
import type { Database } from "./database.ts";
import { type DatabaseOptions, resolveDatabaseOptions } from "./database-options.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "./database-url.ts";
import type { DatabaseDriver } from "./driver.ts";
import type { DriverOptions } from "./driver-options.ts";
import { type PooledDatabase, pooledDatabase } from "./pooled-database.ts";

const CONNECTIONS = 10;
// One thread writes, the others read.
const SQLITE_THREADS = 4;

/**
 * Opens a database: `sqlite:chat.db`, `sqlite::memory:`, `postgres://user@host/database`, `mysql://user@host/database`. It loads the
 * driver and makes no connection: that is done when the database is first used, or by {@link Database.open}.
 *
 * @throws SLUICE_UNKNOWN_SCHEME, SLUICE_INVALID_URL, SLUICE_INVALID_OPTION, SLUICE_DRIVER_MISSING
 */
export async function openDatabase(url: string | URL, options: DatabaseOptions = {}): Promise<Database> {
  const address = parseDatabaseUrl(url);
  const resolved = resolveDatabaseOptions(options, {
    name: address.scheme,
    maxConnections: address.dialect === "sqlite" ? SQLITE_THREADS : CONNECTIONS,
  });
  const { name, maxConnections, idleTimeoutMs, maxLifetimeMs, connectTimeoutMs } = resolved;
  const meter = new Meter(name);
  let database: PooledDatabase | undefined;
  const driver = await openDriver(address, {
    name,
    maxConnections,
    idleTimeoutMs,
    maxLifetimeMs,
    connectTimeoutMs,
    events: {
      onConnect: (durationMs) => meter.connected(durationMs),
      onConnectFailed: (error) => database?.connectFailed(error),
      onDisconnect: (reason) => meter.disconnected(reason),
    },
  });
  database = pooledDatabase(driver, meter, resolved);
  return database;
}

// Only here is a driver loaded, so that those that aren't used needn't be installed.
async function openDriver(address: DatabaseAddress, options: DriverOptions): Promise<DatabaseDriver> {
  if (address.dialect === "sqlite") {
    const { sqliteDriver } = await import("./sqlite/sqlite-driver.ts");
    return sqliteDriver(address.target, options);
  }
  if (address.dialect === "postgres") {
    const { postgresDriver } = await import("./postgres/postgres-driver.ts");
    return postgresDriver(address.url, options);
  }
  const { mysqlDriver } = await import("./mysql/mysql-driver.ts");
  return mysqlDriver(address.url, options);
}
