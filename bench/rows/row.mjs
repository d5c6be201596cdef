import { figuresOf } from "../lib/figures.mjs";

/**
 * A line of the table: what is done, what it must show, and how it is measured.
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} work
 * @property {string} about How to read it.
 * @property {number} rounds Unless others are asked for.
 * @property {boolean} [showsEveryPeer] In a smoke run, all peers do this row; the others, which do the same kind of work, only Sluice.
 * @property {import("../lib/generator.mjs").Load[]} loads
 * @property {import("../lib/targets.mjs").Target[]} targets
 * @property {import("./columns.mjs").Column[]} columns
 * @property {import("../lib/peers.mjs").Peer[]} [peers] Who does it, where it is others than the WebSocket servers.
 * @property {() => Promise<import("../lib/live-database.mjs").LiveDatabase>} [open] Starts what the servers need, for the whole row.
 * @property {boolean} [isApart] The server has a core to itself, with its threads; a database is where the generator is.
 * @property {(trial: import("../lib/trial.mjs").Trial) => Promise<import("../lib/figures.mjs").Figures>} measure
 */

/** How often each peer has its turn. */
export const ROUNDS = 3;

/**
 * A row that is one load on one path, from whose report the figures are taken.
 *
 * @param {Omit<Row, "rounds" | "loads" | "measure"> & {
 *   path: import("../lib/peers.mjs").Work, load: import("../lib/generator.mjs").Load }} row
 * @returns {Row}
 */
export function singleLoadRow({ path, load, ...row }) {
  return {
    ...row,
    rounds: ROUNDS,
    loads: [load],
    measure: async (trial) => figuresOf(await trial.run(path, load)),
  };
}
