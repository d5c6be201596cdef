import { figuresOf } from "../lib/figures.mjs";
import { count, micros } from "../lib/format.mjs";
import { load as generatorLoad } from "./columns.mjs";
import { ROUNDS } from "./row.mjs";

/** @type {import("../lib/generator.mjs").Load} */
const load = { mode: "connect", connections: 64, warmup: 1, duration: 2 };

/** @type {import("./row.mjs").Row} */
export const handshakes = {
  id: "handshakes",
  work: "handshakes a second",
  about: "Connections are opened and dropped as soon as they are open, so many at a time.",
  rounds: ROUNDS,
  loads: [load],
  targets: [
    {
      text: "1.5 x ws",
      figure: "handshakes",
      peer: "ws",
      better: "higher",
      atLeast: 1.5,
      beside: [{ figure: "handshakeMicros", better: "lower", name: "CPU per handshake" }],
    },
  ],
  columns: [
    { figure: "handshakes", title: "handshakes/s", format: count },
    { figure: "handshakeMicros", title: "CPU a handshake", format: micros },
    generatorLoad,
  ],
  async measure(trial) {
    const outcome = await trial.run("echo", load);
    const { report } = outcome;
    return {
      ...figuresOf(outcome),
      handshakes: report?.connectPerSecond ?? null,
      handshakeMicros: report?.server?.cpuMicrosPerMessage ?? null,
    };
  },
};
