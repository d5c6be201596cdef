import { join } from "node:path";
import { requireBinary, skipWithout } from "./find-binary.ts";
import { freePort } from "./free-port.ts";
import type { LiveServer } from "./live-server.ts";
import { ServerFolder } from "./server-folder.ts";
import { ServerProcess } from "./server-process.ts";

const USER = "sluice";
const PASSWORD = "secret";

// Run at every start.
const INIT = `CREATE DATABASE IF NOT EXISTS test CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';
GRANT ALL ON *.* TO '${USER}'@'127.0.0.1';
`;

/** Why tests with MariaDB are left out; false if they aren't. */
export const mariadbSkip: string | false = skipWithout(
  "MariaDB",
  ["mariadbd", "mariadb-install-db"],
  "mariadb-server",
);

/**
 * Starts a MariaDB with an empty database. It isn't durable against a loss of power of the machine, only against that of its own.
 *
 * @param settings Settings as in my.cnf.
 * @param files Files by their names, which settings may name as `../name`.
 */
export async function startMariadb(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<LiveServer> {
  const folder = new ServerFolder();
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  const data = join(folder.path, "data");
  folder.run(requireBinary("mariadb-install-db"), [
    "--no-defaults",
    `--datadir=${data}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--skip-name-resolve",
    "--innodb-log-file-size=4M",
    "--innodb-flush-log-at-trx-commit=0",
  ]);
  const port = await freePort();
  const all = {
    datadir: data,
    "bind-address": "127.0.0.1",
    port: String(port),
    socket: join(folder.path, "socket"),
    "pid-file": join(folder.path, "pid"),
    "init-file": folder.write("init.sql", INIT),
    "skip-name-resolve": "ON",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-log-file-size": "4M",
    "innodb-buffer-pool-size": "24M",
    "innodb-fast-shutdown": "2",
    "character-set-server": "utf8mb4",
    "max-connections": "60",
    ...settings,
  };
  return ServerProcess.start({
    binary: requireBinary("mariadbd"),
    argv: ["--no-defaults", ...Object.entries(all).map(([name, value]) => `--${name}=${value}`)],
    folder,
    port,
    url: `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/test`,
    ready: /ready for connections/,
  });
}
