// What was measured, kept from run to run: a run of some rows replaces only those.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { benchFolder } from "./paths.mjs";

const file = join(benchFolder, "results.json");

/**
 * @typedef {object} RowResult
 * @property {string} date
 * @property {number} rounds
 * @property {import("./scale.mjs").Scale} scale
 * @property {import("./machine.mjs").Machine} machine
 * @property {Record<string, string>} peers Names with versions, by id.
 * @property {import("./targets.mjs").Measured} measured
 *
 * @typedef {Record<string, RowResult>} Results By the row's id.
 */

/** @returns {Results} */
export function loadResults() {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/** @param {Results} results */
export function saveResults(results) {
  writeFileSync(file, `${JSON.stringify(results, roundedNumbers, 2)}\n`);
}

/** Six digits that count are more than is measured. @param {string} _key @param {unknown} value */
function roundedNumbers(_key, value) {
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}
