// npm run bench: every row against each peer and Sluice, in turns. `--help` says what can be chosen.

import { shareCores } from "./lib/cores.mjs";
import { describeMachine, isBusy } from "./lib/machine.mjs";
import { measureRow } from "./lib/measure-row.mjs";
import { chosen, parseOptions } from "./lib/options.mjs";
import { findPeers } from "./lib/peers.mjs";
import { buildSluice, installPeers } from "./lib/prepare.mjs";
import { renderReport, writeReport } from "./lib/report.mjs";
import { loadResults, saveResults } from "./lib/results.mjs";
import { rows } from "./rows/index.mjs";

/**
 * @typedef {import("./lib/options.mjs").BenchOptions} BenchOptions
 * @typedef {import("./lib/peers.mjs").Peer} Peer
 * @typedef {import("./lib/results.mjs").Results} Results
 */

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

/** @param {BenchOptions} options */
async function main(options) {
  // A table with some of the peers, or from short loads, is for whoever measures: it isn't published.
  const isPublished = options.scale === "full" && options.peers === null;
  const results = isPublished ? loadResults() : {};
  if (!options.onlyRender) await measure(options, results, isPublished);
  if (isPublished) writeReport(rows, results);
  else console.log(renderReport(rows, results));
  if (options.scale === "smoke" && failures(results) > 0) process.exitCode = 1;
}

/** @param {BenchOptions} options @param {Results} results @param {boolean} isPublished */
async function measure(options, results, isPublished) {
  const chosenRows = chosen(rows, options.rows, "row");
  installPeers();
  buildSluice();
  const cores = options.scale === "smoke" ? null : shareCores();
  const machine = describeMachine(cores);
  if (isBusy(machine))
    console.error(`This machine is busy (load ${machine.load}): the figures will say little.`);
  const peers = runnablePeers(options);
  for (const row of chosenRows) {
    const { scale, rounds } = options;
    results[row.id] = await measureRow(row, peersFor(row, peers, options), { cores, machine, scale, rounds });
    if (isPublished) saveResults(results);
  }
}

/** @param {BenchOptions} options */
function runnablePeers(options) {
  const all = findPeers();
  const wanted =
    options.peers === null ? all.filter((peer) => !peer.onlyIfAsked) : chosen(all, options.peers, "peer");
  for (const peer of wanted) {
    if (peer.version === null)
      console.error(`${peer.name} is left out: ${peer.missing ?? "it isn't installed"}.`);
  }
  return wanted.filter((peer) => peer.version !== null);
}

/** @param {import("./rows/row.mjs").Row} row @param {Peer[]} peers @param {BenchOptions} options */
function peersFor(row, peers, { scale, peers: asked }) {
  if (row.peers !== undefined)
    return asked === null ? row.peers : row.peers.filter(({ id }) => asked.includes(id));
  const sluice = peers.filter(({ id }) => id === "sluice");
  if (scale === "smoke" && !row.showsEveryPeer && sluice.length > 0) return sluice;
  return peers.filter(({ onlyIn }) => onlyIn === undefined || onlyIn === row.id);
}

/** @param {Results} results */
function failures(results) {
  const rounds = Object.values(results).flatMap(({ measured }) => Object.values(measured).flat());
  return rounds.filter((figures) => figures.failed === 1).length;
}
