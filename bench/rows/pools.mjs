// Handlers that ask a database.

import { figuresOf } from "../lib/figures.mjs";
import { count, micros, millis, percent, plain, times } from "../lib/format.mjs";
import { startDatabase } from "../lib/live-database.mjs";
import { builtPackage } from "../lib/paths.mjs";
import { poolPeers } from "../lib/pool-peers.mjs";
import { ROUNDS } from "./row.mjs";

/** @typedef {import("../lib/live-database.mjs").DatabaseKind} DatabaseKind */

const NAMES = { mariadb: "MariaDB", postgres: "PostgreSQL", sqlite: "SQLite" };

/** @type {import("../lib/generator.mjs").Load} */
const asking = { mode: "echo", connections: 1000, depth: 1, size: 20, warmup: 1, duration: 3 };

const columns = [
  { figure: "rate", title: "answers/s", format: count },
  { figure: "p50", title: "p50", format: millis },
  { figure: "p99", title: "p99", format: millis },
  { figure: "cpuMicros", title: "CPU an answer", format: micros },
  { figure: "generatorLoad", title: "generator", format: times },
];

const rateTarget = (text, peer, atLeast) => ({
  text,
  figure: "rate",
  peer,
  better: /** @type {const} */ ("higher"),
  atLeast,
  beside: [{ figure: "cpuMicros", better: /** @type {const} */ ("lower"), name: "CPU" }],
});

// 1.1 times the cost is 1 / 1.1 of the rate.
const driverTarget = rateTarget("no worse than 1.1 x the driver's own pool", "driver", 1 / 1.1);
const eachTarget = rateTarget("10 x a connection opened per query", "each", 10);

/** @param {DatabaseKind} kind @returns {import("./row.mjs").Row} */
function queryRow(kind) {
  const isServer = kind !== "sqlite";
  return {
    id: `query-${kind}`,
    work: `1,000 connections, each message one indexed query, ${NAMES[kind]}`,
    about: isServer
      ? "Ten connections to the database, whichever way; the server, the database and the generator share all cores."
      : "SQLite has no pool of its own: it is called where the connections are served, which holds them up, and saves the way to another thread and back.",
    rounds: ROUNDS,
    loads: [asking],
    targets: isServer
      ? [eachTarget, driverTarget]
      : [{ ...driverTarget, text: "no worse than 1.1 x the binding called directly" }],
    columns,
    peers: poolPeers(isServer ? ["sluice", "driver", "each"] : ["sluice", "driver"]),
    open: () => startDatabase(kind),
    measure: async (trial) => withFailures(await trial.run("query", asking)),
  };
}

/** Every answer was asked for, so that one which is an error is a failure of the run. @param {import("../lib/trial.mjs").Outcome} outcome */
function withFailures(outcome) {
  const failures = Object.entries(outcome.seen?.failures ?? {}).map(([code, often]) => `${often} ${code}`);
  const figures = figuresOf(outcome);
  return failures.length === 0 ? figures : { ...figures, failed: 1, note: failures.join(", ") };
}

export const queryRows = [queryRow("mariadb"), queryRow("postgres"), queryRow("sqlite")];

const echoing = { ...asking, mode: /** @type {const} */ ("rate"), rate: 1_000, warmup: 3, duration: 5 };
const askingBeside = { ...echoing, connections: 1000 };

/** @param {DatabaseKind} kind @returns {import("./row.mjs").Row} */
function besideRow(kind) {
  return {
    id: `beside-${kind}`,
    work: `1,000 connections ask ${NAMES[kind]} while another 1,000 only echo`,
    about:
      "An open loop of 1,000 echoes a second, first alone, then beside one of 1,000 queries a second. `held` is the longest that the server's loop was late once all connections were there and three seconds old, until they left; `coming and going`, before and after. The server's process, threads included, has one core; the generators and the database have the rest.",
    rounds: ROUNDS,
    isApart: true,
    loads: [echoing, askingBeside],
    targets: [
      { text: "the echo's p99 at most 2 x", figure: "p99Ratio", atMost: 2, format: times },
      { text: "loop never held over 10 ms", figure: "heldMs", atMost: 10, format: millis },
    ],
    columns: [
      { figure: "p99Alone", title: "p99 of the echo, alone", format: millis },
      { figure: "p99", title: "p99, beside queries", format: millis },
      { figure: "p99Ratio", title: "ratio", format: times },
      { figure: "heldAloneMs", title: "held, alone", format: millis },
      { figure: "heldMs", title: "held", format: millis },
      { figure: "unsettledMs", title: "coming and going", format: millis },
      { figure: "answersPerSecond", title: "queries/s", format: count },
    ],
    peers: poolPeers(kind === "sqlite" ? ["sluice", "driver"] : ["sluice"]),
    open: () => startDatabase(kind),
    async measure(trial) {
      const [alone] = await trial.runTogether([{ work: "echo", load: echoing }]);
      const [beside, queries] = await trial.runTogether([
        { work: "echo", load: echoing },
        { work: "query", load: askingBeside },
      ]);
      const [before, after] = [figuresOf(alone), figuresOf(beside)];
      return {
        ...after,
        ...(withFailures(queries).failed === 1 && { failed: 1, note: withFailures(queries).note }),
        p99Alone: before.p99,
        p99Ratio: before.p99 && after.p99 ? Number(after.p99) / Number(before.p99) : null,
        heldAloneMs: alone.seen?.heldMs ?? null,
        heldMs: beside.seen?.heldMs ?? null,
        unsettledMs: beside.seen?.unsettledMs ?? null,
        answersPerSecond: figuresOf(queries).rate,
      };
    },
  };
}

export const besideRows = [besideRow("mariadb"), besideRow("postgres"), besideRow("sqlite")];

/** @type {import("./row.mjs").Row} */
export const insertRow = {
  id: "insert-sqlite",
  work: "SQLite inserts from 1,000 connections, group commit",
  about: "Each message is an insert, acknowledged when it is on the disk (`synchronous=FULL`).",
  rounds: ROUNDS,
  loads: [asking],
  targets: [rateTarget("20 x one transaction an insert", "driver", 20)],
  columns,
  peers: poolPeers(["sluice", "driver"]),
  open: () => startDatabase("sqlite"),
  measure: async (trial) => withFailures(await trial.run("insert", asking)),
};

const ASKERS = 1_000;

/** @type {import("./row.mjs").Row} */
export const loadOnceRow = {
  id: "load-once",
  work: "`getOrLoad`, 1,000 askers for one cold key",
  about: "All of them at a time; the loader takes 50 ms.",
  rounds: ROUNDS,
  loads: [],
  targets: [{ text: "the loader runs once", figure: "loads", atMost: 1 }],
  columns: [
    { figure: "loads", title: "loads", format: plain },
    { figure: "answered", title: "answered", format: plain },
    { figure: "lastMs", title: "last answer after", format: millis },
  ],
  peers: poolPeers(["sluice"]),
  async measure() {
    const { openCache } = await import(builtPackage);
    const cache = await openCache("memory:");
    let loads = 0;
    const load = async () => {
      loads++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { value: 1 };
    };
    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: ASKERS }, () => cache.getOrLoad("cold", { ttlMs: 60_000 }, load)),
    );
    const lastMs = performance.now() - begun;
    await cache.close();
    return { loads, answered: answers.filter(({ value }) => value === 1).length, lastMs };
  },
};

const throughOutage = { ...asking, mode: /** @type {const} */ ("rate"), rate: 2_000, warmup: 0, duration: 8 };

/** @param {DatabaseKind} kind @returns {import("./row.mjs").Row} */
function outageRow(kind) {
  return {
    id: `outage-${kind}`,
    work: `${NAMES[kind]} stopped and started again under load`,
    about:
      "2,000 queries a second for eight seconds; the database is killed after two, and started again two seconds later. `recovered` is from when it takes connections again until a query is answered.",
    rounds: 1,
    loads: [throughOutage],
    targets: [
      { text: "no crash, no hang: every message answered", figure: "delivered", atLeast: 1, format: percent },
      { text: "coded errors only", figure: "uncoded", atMost: 0 },
      { text: "no unbounded queue", figure: "mostWaiting", atMost: 10_000 },
      { text: "recovered within 2 s of its return", figure: "recoveredMs", atMost: 2_000, format: millis },
    ],
    columns: [
      { figure: "delivered", title: "answered", format: percent },
      { figure: "codes", title: "errors" },
      { figure: "mostWaiting", title: "most waiting", format: plain },
      { figure: "recoveredMs", title: "recovered", format: millis },
    ],
    peers: poolPeers(["sluice"]),
    open: () => startDatabase(kind),
    measure: (trial) => trial.runThroughOutage("query", throughOutage),
  };
}

export const outageRows = [outageRow("mariadb"), outageRow("postgres")];
