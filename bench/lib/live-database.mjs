// Real databases, for the rows about pools: started for a row, and gone with it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tsImport } from "tsx/esm/api";

/**
 * @typedef {"mariadb" | "postgres" | "sqlite"} DatabaseKind
 *
 * @typedef {object} LiveDatabase
 * @property {string} url
 * @property {() => Promise<void>} stop
 * @property {() => Promise<void>} [kill]
 * @property {() => Promise<void>} [restart]
 *
 * @param {DatabaseKind} kind
 * @returns {Promise<LiveDatabase>}
 */
export async function startDatabase(kind) {
  if (kind === "sqlite") return sqliteFile();
  // The tests start the same servers.
  if (kind === "mariadb") {
    const { startMariadb } = await tsImport("../../test/support/servers/mariadb.ts", import.meta.url);
    return startMariadb();
  }
  const { startPostgres } = await tsImport("../../test/support/servers/postgres.ts", import.meta.url);
  return startPostgres();
}

/** @returns {LiveDatabase} */
function sqliteFile() {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  return {
    url: `sqlite:${join(folder, "bench.db")}`,
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
