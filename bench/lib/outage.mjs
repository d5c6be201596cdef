// A database that goes away under load, and comes back.

import { setTimeout as sleep } from "node:timers/promises";
import { startGenerator } from "./generator.mjs";
import { seenBy, startServer } from "./server-process.mjs";

const LOOK_EVERY_MS = 50;
const KILL_AFTER_MS = 3_000;
const DOWN_MS = 2_000;
const CODE = /^SLUICE_[A-Z_]+$/;

/**
 * Kills and restarts the database while a load is on, and looks at what the server says meanwhile.
 *
 * @param {import("./trial.mjs").Trial} trial
 * @param {import("./peers.mjs").Work} work
 * @param {import("./generator.mjs").Load} load
 * @returns {Promise<import("./figures.mjs").Figures>}
 */
export async function runThroughOutage({ peer, cores, database }, work, load) {
  if (database?.kill === undefined || database.restart === undefined)
    throw new Error("This row needs a database that can be restarted.");
  const server = await startServer(peer, cores, { DATABASE_URL: database.url });
  const generator = startGenerator(load, peer.route(work), server, cores);
  const watch = watchServer(server);
  try {
    await sleep(KILL_AFTER_MS);
    await database.kill();
    await sleep(DOWN_MS);
    await database.restart();
    const backAt = performance.now();
    const { report, failure } = await generator.end;
    await watch.stop();
    const codes = Object.entries(watch.failures);
    return {
      delivered: report === null ? 0 : report.received / report.sent,
      codes: codes.map(([code, often]) => `${often} ${code}`).join(", "),
      uncoded: codes.filter(([code]) => !CODE.test(code)).reduce((sum, [, often]) => sum + often, 0),
      mostWaiting: watch.mostWaiting,
      // The server tells when it last failed to no better than it is looked at.
      recoveredMs: Math.max(0, watch.lastFailureAt - backAt),
      note: server.ended() ?? failure,
      failed: server.ended() === null ? null : 1,
    };
  } finally {
    generator.stop();
    await server.stop();
  }
}

/** @param {import("./server-process.mjs").ServerProcess} server */
function watchServer(server) {
  const seen = { failures: {}, mostWaiting: 0, lastFailureAt: 0 };
  let isOn = true;
  const looking = (async () => {
    while (isOn) {
      const now = await seenBy(server).catch(() => null);
      for (const [code, often] of Object.entries(now?.failures ?? {})) {
        seen.failures[code] = (seen.failures[code] ?? 0) + often;
        seen.lastFailureAt = performance.now();
      }
      seen.mostWaiting = Math.max(seen.mostWaiting, now?.pool?.waiting ?? 0);
      await sleep(LOOK_EVERY_MS);
    }
  })();
  const stop = () => {
    isOn = false;
    return looking;
  };
  return Object.assign(seen, { stop });
}
