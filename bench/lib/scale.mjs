/**
 * How much is done: `full` is what is published, `quick` the same for a shorter time, `smoke` only shows that everything runs.
 *
 * @typedef {"full" | "quick" | "smoke"} Scale
 */

const SHORTER = 0.5;

const smallest = {
  duration: 0.3,
  warmup: 0.1,
  connections: 40,
  depth: 4,
  rate: 1_000,
  groups: 4,
  slow: 4,
  size: 64 * 1024,
};

/**
 * A load at a scale: the same for every peer.
 *
 * @param {import("./generator.mjs").Load} load
 * @param {Scale} scale
 * @returns {import("./generator.mjs").Load}
 */
export function scaled(load, scale) {
  if (scale === "full") return load;
  if (scale === "quick") return { ...load, duration: (load.duration ?? 0) * SHORTER };
  const least = Object.entries(smallest).filter(([name]) => name in load);
  return {
    ...load,
    ...Object.fromEntries(least.map(([name, value]) => [name, Math.min(value, load[name])])),
  };
}
