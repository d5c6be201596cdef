import { cpu, load, p50, rate } from "./columns.mjs";
import { singleLoadRow } from "./row.mjs";

/** @param {string} name @param {string} peer @param {number} atLeast */
const rateTarget = (name, peer, atLeast) => ({
  text: `${atLeast} x ${name} (deliveries/s)`,
  figure: "rate",
  peer,
  better: /** @type {const} */ ("higher"),
  atLeast,
  beside: [{ figure: "cpuMicros", better: /** @type {const} */ ("lower"), name: "CPU per delivery" }],
});

export const fanoutThousand = singleLoadRow({
  id: "fanout-1000",
  work: "group of 1,000, everyone sends one, 10^6 deliveries a round",
  about:
    "All members send one message, and send the next when the million deliveries of the round have arrived. Deliveries are counted as they arrive.",
  path: "group",
  load: { mode: "fanout", connections: 1000, groups: 1, size: 20, warmup: 1, duration: 3 },
  targets: [rateTarget("ws", "ws", 200), rateTarget("Bun", "bun", 5)],
  columns: [rate("deliveries/s"), cpu("delivery"), { ...p50, title: "p50 of a round" }, load],
});
