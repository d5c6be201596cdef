import { cpus, loadavg, release, totalmem, type } from "node:os";

/**
 * Where it was measured.
 *
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {number} memoryGiB
 * @property {string} system
 * @property {string} node
 * @property {boolean} apart Whether server and load generator have cores of their own.
 * @property {number} load How many processes wanted to run in the minute before it began.
 *
 * @param {import("./cores.mjs").Cores | null} shared
 * @returns {Machine}
 */
export function describeMachine(shared) {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release().split("-")[0]}`,
    node: process.versions.node,
    apart: shared !== null,
    load: Math.round(loadavg()[0] * 10) / 10,
  };
}

/** Whether it did so much else that the figures say little. @param {Machine} machine */
export function isBusy({ load, cores }) {
  return load > cores / 4;
}
