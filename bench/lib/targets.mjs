// What a row must show, and whether it does.

import { significant } from "./format.mjs";
import { median } from "./statistics.mjs";

/**
 * A bound on a figure of Sluice: on the figure itself, or on its ratio to the same figure of a peer in the same round.
 *
 * @typedef {object} Target
 * @property {string} text
 * @property {string} figure
 * @property {string} [peer] Then it is a ratio to this peer's.
 * @property {"higher" | "lower"} [better] What counts as better in a ratio. A ratio says how many times better Sluice is.
 * @property {boolean} [asIs] The ratio is Sluice's divided by the peer's, whatever is better.
 * @property {number} [atLeast]
 * @property {number} [atMost]
 * @property {(value: number) => string} [format] How it is shown; times for a ratio and digits for a figure unless set.
 * @property {{ figure: string, better: "higher" | "lower", name: string }[]} [beside] Other ratios that are shown, not judged.
 *
 * @typedef {import("./figures.mjs").Figures} Figures
 * @typedef {Record<string, Figures[]>} Measured The rounds of each peer.
 * @typedef {{ text: string, measured: string, met: boolean | null }} Verdict
 */

/** @param {Target} target @param {Measured} measured @returns {Verdict} */
export function judge(target, measured) {
  const value = measuredValue(target, measured);
  if (value === null) return { text: target.text, measured: "not measured", met: null };
  const beside = (target.beside ?? []).map((other) => {
    const ratio = measuredValue({ ...target, asIs: false, ...other }, measured);
    return ratio === null ? "" : `, ${significant(ratio)} x in ${other.name}`;
  });
  const met =
    (target.atLeast === undefined || value >= target.atLeast) &&
    (target.atMost === undefined || value <= target.atMost);
  return { text: target.text, measured: showValue(target, value) + beside.join(""), met };
}

/** @param {Target} target @param {number} value */
function showValue(target, value) {
  if (target.format !== undefined) return target.format(value);
  return target.peer === undefined ? significant(value) : `${significant(value)} x`;
}

/** @param {Target} target @param {Measured} measured */
function measuredValue(target, measured) {
  const ours = measured.sluice ?? [];
  if (target.peer === undefined) return median(ours.map((round) => round[target.figure]).filter(isNumber));
  const theirs = measured[target.peer] ?? [];
  const ratios = ours.map((round, index) => {
    const [a, b] = [round[target.figure], theirs[index]?.[target.figure]];
    if (!isNumber(a) || !isNumber(b) || a === 0 || b === 0) return null;
    return target.asIs === true || target.better === "higher" ? a / b : b / a;
  });
  return median(ratios.filter(isNumber));
}

/** @param {unknown} value @returns {value is number} */
export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}
