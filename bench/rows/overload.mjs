import { figuresOf } from "../lib/figures.mjs";
import { bytes, count, percent, times } from "../lib/format.mjs";
import { memoryBudgetBytes } from "../servers/settings.mjs";

const GROUPS = 20;
const CONNECTIONS = 1000;

/** @type {import("../lib/generator.mjs").Load} */
const base = { mode: "fanout", connections: CONNECTIONS, groups: GROUPS, size: 20, warmup: 1, duration: 2 };

const factors = [0.5, 1, 2, 3];

/** @param {number} factor */
const figureAt = (factor) => `at${factor}`;

/** @type {import("./row.mjs").Row} */
export const overload = {
  id: "overload",
  work: "offered 0.5, 1, 2 and 3 times the fan-out it can carry",
  about:
    "What a server can carry is found first, in a closed loop (the first load). Then it is offered multiples of that in an open one. The best is the most that was delivered in any of the five.",
  rounds: 1,
  loads: [base, { ...base, mode: "rate", rate: Number.NaN }],
  targets: [
    { text: "at 3 x, still 0.9 of its best delivered rate", figure: "kept", atLeast: 0.9, format: percent },
    { text: "memory within its budget", figure: "grownBytes", atMost: memoryBudgetBytes, format: bytes },
    { text: "nobody cut", figure: "closed", atMost: 0 },
  ],
  columns: [
    { figure: "capacity", title: "can carry", format: count },
    ...factors.map((factor) => ({ figure: figureAt(factor), title: `at ${factor} x`, format: count })),
    { figure: "offered", title: "really offered at 3 x", format: times },
    { figure: "kept", title: "kept at 3 x", format: percent },
    { figure: "grownBytes", title: "memory added", format: bytes },
    { figure: "closed", title: "cut", format: String },
  ],
  async measure(trial) {
    const carried = figuresOf(await trial.run("group", base));
    const capacity = Number(carried.rate ?? 0);
    const { connections = CONNECTIONS, groups = GROUPS } = trial.load(base);
    const members = connections / groups;
    const { grownBytes, closed, note, failed } = carried;
    const result = { capacity, grownBytes, closed, note, failed };
    if (capacity === 0) return result;
    for (const factor of factors) {
      const load = {
        ...base,
        mode: /** @type {const} */ ("rate"),
        rate: Math.round((capacity * factor) / members),
      };
      const figures = figuresOf(await trial.run("group", load));
      Object.assign(result, {
        [figureAt(factor)]: figures.rate ?? null,
        offered: (Number(figures.sentRate ?? 0) * members) / capacity,
        grownBytes: Math.max(Number(result.grownBytes), Number(figures.grownBytes)),
        closed: Number(result.closed) + Number(figures.closed ?? 0),
        note: result.note ?? figures.note,
        failed: result.failed ?? figures.failed,
      });
    }
    const best = Math.max(capacity, ...factors.map((factor) => Number(result[figureAt(factor)] ?? 0)));
    return { ...result, kept: Number(result[figureAt(3)] ?? 0) / best };
  },
};
