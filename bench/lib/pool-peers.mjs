// Who is measured in the rows about pools: the same server, with other ways to ask the database.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootFolder, serverFile } from "./paths.mjs";

const { version } = JSON.parse(readFileSync(join(rootFolder, "package.json"), "utf8"));

const names = {
  sluice: `Sluice's pool,`,
  driver: "the driver called directly,",
  each: "a connection per query,",
};

/** @param {(keyof names)[]} ids @returns {import("./peers.mjs").Peer[]} */
export function poolPeers(ids) {
  return ids.map((id) => ({
    id,
    name: names[id],
    version: `on Sluice ${version}`,
    command: [process.execPath, serverFile("pools.mjs")],
    environment: { POOL: id },
    route: (work) => ({ path: `/${work}`, message: (payload) => payload }),
  }));
}
