import { figuresOf } from "../lib/figures.mjs";
import { millis, percent } from "../lib/format.mjs";
import { cpu, delivered, load, p50, p99, rate } from "./columns.mjs";
import { ROUNDS } from "./row.mjs";

const columns = [delivered, p50, p99, rate("deliveries/s"), cpu("delivery"), load];
const about =
  "An open loop: messages are sent at their times, whether or not the server keeps up. A latency counts from the time at which the message was due.";
const allDelivered = { text: "all delivered", figure: "delivered", atLeast: 1, format: percent };
const base = {
  mode: /** @type {const} */ ("rate"),
  connections: 1000,
  groups: 20,
  size: 20,
  warmup: 1,
  duration: 3,
};

// A window's first and last message may fall on either side of its edges.
const EDGE = 0.999;

/**
 * What arrived of what was due: a server that stops reading can't be sent all, and what wasn't sent wasn't delivered either.
 *
 * @param {import("../lib/generator.mjs").Report | null} report
 * @param {number} rate
 */
function deliveredShare(report, rate) {
  if (report === null || !report.expected) return null;
  const sent = report.sent / (rate * report.seconds);
  return (report.received / report.expected) * (sent < EDGE ? sent : 1);
}

/** @param {Pick<import("./row.mjs").Row, "id" | "work" | "targets" | "showsEveryPeer">} row @param {number} rate @returns {import("./row.mjs").Row} */
function rateRow(row, rate) {
  const load = { ...base, rate };
  return {
    ...row,
    about,
    columns,
    rounds: ROUNDS,
    loads: [load],
    async measure(trial) {
      const outcome = await trial.run("group", load);
      return {
        ...figuresOf(outcome),
        delivered: deliveredShare(outcome.report, trial.load(load).rate ?? rate),
      };
    },
  };
}

export const rateLow = rateRow(
  {
    id: "rate-2000",
    showsEveryPeer: true,
    work: "20 groups of 50, 2,000 messages/s (0.1 M deliveries/s)",
    targets: [
      allDelivered,
      { text: "p50 at most 3 ms", figure: "p50", atMost: 3, format: millis },
      { text: "p99 at most 1.5 x uWebSockets.js's", figure: "p99", peer: "uws", asIs: true, atMost: 1.5 },
    ],
  },
  2_000,
);

export const rateHigh = rateRow(
  {
    id: "rate-40000",
    work: "the same, 40,000 messages/s (2 M deliveries/s)",
    targets: [allDelivered, { text: "p99 at most 60 ms", figure: "p99", atMost: 60, format: millis }],
  },
  40_000,
);
