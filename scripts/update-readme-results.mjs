// Fills the table of results in README.md from bench/results.json: node scripts/update-readme-results.mjs [--check]
//
// With --check it writes nothing, and fails if the table isn't what it would write.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { median } from "../bench/lib/statistics.mjs";
import { rows } from "../bench/rows/index.mjs";

const FILE = "README.md";
const BEGIN = "<!-- results -->";
const END = "<!-- /results -->";
const root = new URL("..", import.meta.url);

const PLACEHOLDER =
  "No figures have been taken of this version yet: `npm run bench` measures them, and fills this table.";

/** In this order; who wasn't measured has no column. */
const PEERS = new Map([
  ["sluice", "Sluice"],
  ["uws", "uWebSockets.js"],
  ["bun", "Bun"],
  ["ws", "ws"],
  ["socket-io", "Socket.IO"],
  ["python-websockets", "Python websockets"],
]);

/** Which figure of a row is shown, where it is another than the one that its first target is about. */
const SHOWN = new Map([
  ["rate-2000", "p99"],
  ["rate-40000", "p99"],
  ["flood", "grownBytes"],
]);

/** @param {import("../bench/lib/results.mjs").Results} results @returns {string} */
export function renderResults(results) {
  const measured = rows.filter((row) => row.peers === undefined && results[row.id] !== undefined);
  if (measured.length === 0) return PLACEHOLDER;
  const peers = [...PEERS.keys()].filter((id) =>
    measured.some((row) => results[row.id].measured[id] !== undefined),
  );
  const lines = measured.map((row) => {
    const column = shownColumn(row);
    const cells = peers.map((id) => cell(results[row.id].measured[id], column));
    return [`${row.work}: ${column.title}`, ...cells];
  });
  const table = [["", ...peers.map((id) => PEERS.get(id))], ["---", ...peers.map(() => "---:")], ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
  return `${table}\n\n${origin(measured, results)}`;
}

function shownColumn(row) {
  const figure = SHOWN.get(row.id) ?? row.targets[0].figure;
  const column = row.columns.find((candidate) => candidate.figure === figure);
  if (column === undefined) throw new Error(`The row ${row.id} has no column for ${figure}`);
  return column;
}

function cell(rounds = [], { figure, format = String }) {
  const middle = median(rounds.map((round) => round[figure]).filter((value) => typeof value === "number"));
  if (middle === null) return "-";
  return rounds.some(hasNote) ? `${format(middle)} *` : format(middle);
}

// Something ended it before its time, such as the memory that it took.
function hasNote({ note }) {
  return typeof note === "string" && note !== "";
}

function origin(measured, results) {
  const machines = new Set(
    measured.map((row) => {
      const { cpu, cores, system, node } = results[row.id].machine;
      return `${cpu}, ${cores} cores, ${system}, Node ${node}`;
    }),
  );
  const dates = measured.map((row) => results[row.id].date).sort();
  const when = dates[0] === dates.at(-1) ? dates[0] : `${dates[0]} to ${dates.at(-1)}`;
  const notes = measured.some((row) => Object.values(results[row.id].measured).flat().some(hasNote));
  return `${notes ? "\\* Ended early; the page below says why. " : ""}Medians, measured ${when} on ${[...machines].join("; and on ")}. How, and how much it varied: [docs/performance.md](docs/performance.md).`;
}

/** A text with what stands between the markers replaced. @param {string} text @param {string} block */
export function withResults(text, block) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${FILE} has no ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n${block}\n${text.slice(end)}`;
}

/** What was measured; nothing if nothing was. @returns {import("../bench/lib/results.mjs").Results} */
export function savedResults() {
  const file = new URL("bench/results.json", root);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = new URL(FILE, root);
  const before = readFileSync(target, "utf8");
  const after = withResults(before, renderResults(savedResults()));
  if (!process.argv.includes("--check")) writeFileSync(target, after);
  else if (before !== after) {
    console.error(
      `The results in ${FILE} are not those of bench/results.json: node scripts/update-readme-results.mjs`,
    );
    process.exitCode = 1;
  }
}
