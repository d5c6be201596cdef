import { figuresOf } from "../lib/figures.mjs";
import { bytes, millis, times } from "../lib/format.mjs";

const SLOW = 100;
const MAX_BUFFERED_BYTES = 512 * 1024;

/** @type {import("../lib/generator.mjs").Load} */
const base = {
  mode: "rate",
  connections: 1000,
  groups: 20,
  // So large that a peer which doesn't read is more than the kernel's buffers can hide.
  size: 1024,
  rate: 2_000,
  warmup: 1,
  duration: 10,
};
const withSlow = { ...base, slow: SLOW };

/** @type {import("./row.mjs").Row} */
export const slowConsumers = {
  id: "slow-consumers",
  work: "100 of 1,000 consumers stop reading under 0.1 M deliveries/s",
  about:
    "The same load twice, first with all reading. What may wait for one peer is set to 512 KiB in every server that has such a limit; p99 is that of the peers that read.",
  rounds: 1,
  loads: [base, withSlow],
  targets: [
    { text: "the others' p99 at most 1.3 x", figure: "p99Ratio", atMost: 1.3, format: times },
    {
      text: "memory bounded as configured",
      figure: "extraBytes",
      atMost: SLOW * MAX_BUFFERED_BYTES,
      format: bytes,
    },
    { text: "none of the others cut", figure: "closed", atMost: SLOW },
  ],
  columns: [
    { figure: "p99Before", title: "p99, all read", format: millis },
    { figure: "p99", title: "p99, 100 don't", format: millis },
    { figure: "p99Ratio", title: "ratio", format: times },
    { figure: "extraBytes", title: "memory added by them", format: bytes },
    { figure: "closed", title: "cut", format: String },
    { figure: "generatorLoad", title: "generator", format: times },
  ],
  async measure(trial) {
    const environment = { MAX_BUFFERED_BYTES: String(MAX_BUFFERED_BYTES) };
    const before = figuresOf(await trial.run("group", base, environment));
    const after = figuresOf(await trial.run("group", withSlow, environment));
    return {
      ...after,
      p99Before: before.p99,
      p99Ratio: before.p99 && after.p99 ? Number(after.p99) / Number(before.p99) : null,
      extraBytes: Math.max(0, Number(after.grownBytes) - Number(before.grownBytes)),
      note: after.note ?? before.note,
      failed: after.failed ?? before.failed,
    };
  },
};
