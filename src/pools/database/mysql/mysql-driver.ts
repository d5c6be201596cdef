import type { DatabaseDriver } from "../driver.ts";
import type { DriverOptions } from "../driver-options.ts";
import { ServerDriver } from "../servers/server-driver.ts";
import { nobody, SessionKeeper } from "../servers/session-keeper.ts";
import { connectMysql, MysqlConnections } from "./mysql-connections.ts";
import { mysqlDialect } from "./mysql-dialect.ts";
import { loadMysql } from "./mysql-module.ts";
import type { MysqlParts } from "./mysql-session.ts";
import { mysqlTarget } from "./mysql-url.ts";

// The most statements that a connection keeps prepared: each takes memory in the server, which allows so many in all.
const MAX_PREPARED = 256;

/**
 * A driver for MySQL and MariaDB, on `mysql2`. Nothing is connected yet.
 *
 * @param url `mysql://user:password@host:port/database`, with TLS by `?ssl=true` or `?ssl={…}`, the options of node:tls as JSON
 * @throws SLUICE_DRIVER_MISSING, SLUICE_INVALID_URL
 */
export async function mysqlDriver(url: URL, options: DriverOptions): Promise<DatabaseDriver> {
  const mysql = await loadMysql();
  const parts: MysqlParts = {
    mysql,
    typed: mysql.TypedParameter,
    options: {
      ...mysqlTarget(url),
      connectTimeout: options.connectTimeoutMs,
      connectAttributes: { program_name: options.name },
      enableKeepAlive: true,
      timezone: "Z",
      supportBigNumbers: true,
      dateStrings: ["DATE"],
      jsonStrings: true,
      // The server may not ask for a file of this machine.
      flags: "-LOCAL_FILES",
      maxPreparedStatements: MAX_PREPARED,
    },
  };
  return new ServerDriver({
    pool: new SessionKeeper(new MysqlConnections(parts, options), options),
    dialect: mysqlDialect,
    answerMs: options.connectTimeoutMs,
    openScriptSession: () => connectMysql(parts, nobody),
  });
}
