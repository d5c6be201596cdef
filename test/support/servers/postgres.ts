import { join } from "node:path";
import { requireBinary, skipWithout } from "./find-binary.ts";
import { freePort } from "./free-port.ts";
import type { LiveServer } from "./live-server.ts";
import { ServerFolder } from "./server-folder.ts";
import { ServerProcess } from "./server-process.ts";

const USER = "sluice";
const PASSWORD = "secret";

/** Why tests with PostgreSQL are left out; false if they aren't. */
export const postgresSkip: string | false = skipWithout("PostgreSQL", ["postgres", "initdb"], "postgresql");

/**
 * Starts a PostgreSQL with an empty database. It isn't durable against a loss of power of the machine, only against that of its own.
 *
 * @param settings Settings as in postgresql.conf.
 * @param files Files by their names, which settings may name as `../name`.
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<LiveServer> {
  const folder = new ServerFolder();
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  const data = join(folder.path, "data");
  const password = folder.write("password", PASSWORD);
  folder.run(requireBinary("initdb"), [
    `--pgdata=${data}`,
    `--username=${USER}`,
    `--pwfile=${password}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
  ]);
  const port = await freePort();
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(port),
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
    shared_buffers: "32MB",
    max_connections: "60",
    dynamic_shared_memory_type: "mmap",
    ...settings,
  };
  return ServerProcess.start({
    binary: requireBinary("postgres"),
    argv: ["-D", data, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    folder,
    port,
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    ready: /database system is ready to accept connections/,
    // The fast shutdown: it ends the sessions of its clients instead of waiting for them.
    stopSignal: "SIGINT",
  });
}
