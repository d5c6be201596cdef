import { figuresOf } from "../lib/figures.mjs";
import { bytes } from "../lib/format.mjs";
import { peak } from "./columns.mjs";
import { ROUNDS } from "./row.mjs";

/** @type {import("../lib/generator.mjs").Load} */
const load = { mode: "idle", connections: 10_000, duration: 2 };

/** @type {import("./row.mjs").Row} */
export const idle = {
  id: "idle-10000",
  work: "idle memory, 10,000 connections",
  about:
    "Resident memory of the server with the connections open, less that before the first, by their number.",
  rounds: ROUNDS,
  loads: [load],
  targets: [{ text: "2 KB a connection", figure: "bytesPerConnection", atMost: 2048, format: bytes }],
  columns: [{ figure: "bytesPerConnection", title: "memory a connection", format: bytes }, peak],
  async measure(trial) {
    const outcome = await trial.run("echo", load);
    return { ...figuresOf(outcome), bytesPerConnection: outcome.report?.server?.bytesPerConnection ?? null };
  },
};
