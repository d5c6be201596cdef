import type { MysqlConnectionOptions, MysqlModule } from "./mysql-module.ts";

// Longer than this it is of no use: the connection will have been given up.
const INTERRUPT_MS = 1_000;

/** Asks the server to stop the statement that a connection runs: KILL QUERY on a connection of its own. */
export function interruptMysql(
  mysql: MysqlModule,
  options: MysqlConnectionOptions,
  threadId: number,
): Promise<void> {
  return new Promise((resolve) => {
    const connection = mysql.createConnection({ ...options, connectTimeout: INTERRUPT_MS });
    const done = (): void => {
      clearTimeout(timer);
      connection.destroy();
      resolve();
    };
    const timer = setTimeout(done, INTERRUPT_MS);
    connection.on("error", done);
    connection.query(`KILL QUERY ${threadId}`, done);
  });
}
