// Holds src to its map: runs .dependency-cruiser.cjs, and distrusts a green result that looked at too little.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { listFiles } from "./list-files.mjs";

process.chdir(new URL("..", import.meta.url).pathname);

// All that is internal to Node stays in these files.
const INTERNALS =
  /\bprocess\s*\??\.\s*binding\b|\.binding\(|\[\s*["'`]binding["'`]|\binternalBinding\b|\._handle\b/;
const MAY_USE_INTERNALS = /^src\/transport\/handle-[^/]+\.ts$/;

const files = listFiles("src").filter((path) => /[.][jt]s$/.test(path));
const report = cruise();
const problems = [...violations(report), ...overlooked(report), ...strayInternals()];

for (const problem of problems) console.error(`✖ ${problem}`);
console.log(`layers: ${files.length} files, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

function cruise() {
  const command = "node_modules/dependency-cruiser/bin/dependency-cruise.mjs";
  const options = ["--config", ".dependency-cruiser.cjs", "--output-type", "json", "src"];
  const run = spawnSync(process.execPath, [command, ...options], { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (run.stdout === "") throw new Error(`dependency-cruiser said nothing: ${run.error ?? run.stderr}`);
  return JSON.parse(run.stdout);
}

function violations({ summary }) {
  return summary.violations.map(({ rule, from, to, cycle }) => {
    const path = cycle === undefined ? [from, to] : [from, ...cycle.map((step) => step.name ?? step)];
    const { comment } = summary.ruleSetUsed.forbidden.find(({ name }) => name === rule.name) ?? {};
    return `${rule.name}: ${path.join(" -> ")}${comment === undefined ? "" : `\n    ${comment}`}`;
  });
}

// A cruiser that can't read a file reports no violations in it.
function overlooked({ modules, summary }) {
  const seen = new Set(modules.map(({ source }) => source));
  const missing = files.filter((path) => !seen.has(path));
  return [
    ...(files.length === 0 ? ["there are no files in src"] : []),
    ...(summary.totalCruised < Math.max(files.length, 1)
      ? [`only ${summary.totalCruised} modules were looked at`]
      : []),
    ...(summary.totalDependenciesCruised === 0 ? ["no import was seen in any of them"] : []),
    ...missing.map((path) => `${path} was not looked at`),
    ...roomsWithoutLevel(summary),
  ];
}

function roomsWithoutLevel({ ruleSetUsed }) {
  const known = new Set(ruleSetUsed.forbidden.map(({ name }) => name));
  const rooms = new Set(
    files.map((path) => path.split("/")).flatMap((parts) => (parts.length > 2 ? [parts[1]] : [])),
  );
  return [...rooms]
    .filter((room) => !known.has(`${room}-knows-only-lower-rooms`))
    .map((room) => `src/${room} has no level in .dependency-cruiser.cjs`);
}

function strayInternals() {
  return files
    .filter((path) => !MAY_USE_INTERNALS.test(path) && INTERNALS.test(readFileSync(path, "utf8")))
    .map((path) => `${path} uses what is internal to Node; only src/transport/handle-*.ts may`);
}
