import { figuresOf } from "../lib/figures.mjs";
import { bytes, times } from "../lib/format.mjs";
import { grown, peak, rate } from "./columns.mjs";

/** @type {import("../lib/generator.mjs").Load} */
const load = { mode: "rate", connections: 1000, size: 20, rate: 1_000_000, duration: 30 };

// 1,000 connections by the 128 KiB at which reading from one stops.
const CONFIGURED_BYTES = 1000 * 128 * 1024;

const SHOWN_SAMPLES = 5;

/** @type {import("./row.mjs").Row} */
export const flood = {
  id: "flood",
  showsEveryPeer: true,
  work: "a flood of messages into a handler that awaits 50 ms each, 1,000 connections",
  about:
    "A million messages a second are offered for half a minute. Memory is flat if the most of the second half is at most 1.1 times that of the first. A server that takes 1.5 GB is stopped.",
  rounds: 1,
  loads: [load],
  targets: [
    { text: "memory flat (second half to first)", figure: "secondHalf", atMost: 1.1, format: times },
    {
      text: "within what is configured to wait",
      figure: "grownBytes",
      atMost: CONFIGURED_BYTES,
      format: bytes,
    },
  ],
  columns: [
    grown,
    peak,
    { figure: "secondHalf", title: "second half to first", format: times },
    { figure: "course", title: "in the course of it" },
    rate("answers/s"),
  ],
  async measure(trial) {
    const outcome = await trial.run("slow", load);
    const { samples } = outcome.memory;
    return { ...figuresOf(outcome), secondHalf: secondToFirst(samples), course: courseOf(samples) };
  },
};

/** @param {{ bytes: number }[]} samples */
function secondToFirst(samples) {
  const middle = samples.length >> 1;
  const most = (part) => Math.max(...part.map((sample) => sample.bytes));
  return middle === 0 ? null : most(samples.slice(middle)) / most(samples.slice(0, middle));
}

/** A few samples, evenly spread. @param {{ bytes: number }[]} samples */
function courseOf(samples) {
  if (samples.length === 0) return null;
  const at = (index) => samples[Math.round((index * (samples.length - 1)) / (SHOWN_SAMPLES - 1))];
  return Array.from({ length: SHOWN_SAMPLES }, (_, index) => bytes(at(index).bytes)).join(", ");
}
