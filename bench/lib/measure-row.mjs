import { note } from "../rows/columns.mjs";
import { stayOn } from "./cores.mjs";
import { isNumber } from "./targets.mjs";
import { Trial } from "./trial.mjs";

/**
 * @typedef {object} Setting
 * @property {import("./cores.mjs").Cores | null} cores
 * @property {import("./machine.mjs").Machine} machine
 * @property {import("./scale.mjs").Scale} scale
 * @property {number | null} rounds Null for what the row asks for.
 */

/**
 * Measures a row: in each round every peer has its turn, another one first each time. In a smoke run they go side by side.
 *
 * @param {import("../rows/row.mjs").Row} row
 * @param {import("./peers.mjs").Peer[]} peers
 * @param {Setting} setting
 * @returns {Promise<import("./results.mjs").RowResult>}
 */
export async function measureRow(row, peers, { cores, machine, scale, rounds: asked }) {
  const rounds = scale === "smoke" ? 1 : (asked ?? row.rounds);
  const database = await openDatabase(row, cores);
  /** @type {import("./targets.mjs").Measured} */
  const measured = Object.fromEntries(peers.map((peer) => [peer.id, []]));
  // A server with threads, and a database, need the cores that the generator has, if rates are compared.
  const given = database === null || row.isApart ? cores : null;
  // Servers that share a database would be in each other's way.
  const sideBySide = scale === "smoke" && database === null;
  try {
    for (let round = 0; round < rounds; round++) {
      const turn = async (peer) => {
        const figures = await measureOnce(row, new Trial({ peer, scale, cores: given, database }));
        measured[peer.id].push(figures);
        console.error(`${row.id} ${round + 1}/${rounds}  ${peer.name.padEnd(17)} ${summary(row, figures)}`);
      };
      const order = rotated(peers, round);
      if (sideBySide) await Promise.all(order.map(turn));
      else for (const peer of order) await turn(peer);
    }
  } finally {
    await database?.stop();
  }
  const names = Object.fromEntries(peers.map((peer) => [peer.id, `${peer.name} ${peer.version}`]));
  return { date: new Date().toISOString().slice(0, 10), rounds, scale, machine, peers: names, measured };
}

/** @param {import("../rows/row.mjs").Row} row @param {import("./cores.mjs").Cores | null} cores */
async function openDatabase(row, cores) {
  if (row.open === undefined) return null;
  if (cores === null || row.isApart !== true) return row.open();
  stayOn(cores.generator);
  try {
    return await row.open();
  } finally {
    stayOn(`${cores.server},${cores.generator}`);
  }
}

/** A failure is a result too: the others go on. @param {import("../rows/row.mjs").Row} row @param {Trial} trial */
async function measureOnce(row, trial) {
  try {
    return await row.measure(trial);
  } catch (error) {
    return {
      failed: 1,
      note: `failed: ${String(error instanceof Error ? error.message : error).slice(0, 300)}`,
    };
  }
}

/** @template Item @param {Item[]} items @param {number} by */
function rotated(items, by) {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** @param {import("../rows/row.mjs").Row} row @param {import("./figures.mjs").Figures} figures */
function summary(row, figures) {
  const shown = [...row.columns, note].flatMap(({ figure, title, format = String }) => {
    const value = figures[figure];
    if (value === null || value === undefined) return [];
    return [`${title} ${isNumber(value) ? format(value) : value}`.trim()];
  });
  return shown.join(", ");
}
