// Columns that several rows share.

import { bytes, count, micros, millis, percent, plain, times } from "../lib/format.mjs";

/**
 * A figure in a row's table.
 *
 * @typedef {{ figure: string, title: string, format?: (value: number) => string }} Column
 */

export const rate = (what) => ({ figure: "rate", title: what, format: count });
export const cpu = (what) => ({ figure: "cpuMicros", title: `CPU a ${what}`, format: micros });
export const p50 = { figure: "p50", title: "p50", format: millis };
export const p99 = { figure: "p99", title: "p99", format: millis };
export const delivered = { figure: "delivered", title: "delivered", format: percent };
export const peak = { figure: "peakBytes", title: "most memory", format: bytes };
export const grown = { figure: "grownBytes", title: "memory added", format: bytes };
export const closed = { figure: "closed", title: "cut", format: plain };
export const load = { figure: "generatorLoad", title: "generator", format: times };

/** What went wrong, or ended it early; it stands in every table where there is something to say. */
export const note = { figure: "note", title: "note" };
