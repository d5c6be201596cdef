// Runs the tests: node scripts/run-tests.mjs [--node PATH] [--without PART]... [FOLDER | FILE | PART OF A PATH]...
//
// Without filters, every *.test.ts under test/ but the soak, which takes minutes and is run by its own name.
// Node 20 does not expand patterns, so that the files are listed here. SLUICE_TRANSPORT and CI pass through.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { parseArgs } from "node:util";
import { listFiles } from "./list-files.mjs";

const LEFT_OUT = /^test\/(soak|nodes)\//;
// Two at a time: the tests hold thousands of connections, and measure how long some of them take to be cut.
const CONCURRENCY = 2;
// What hangs must end the run, not hold it: a test (up to Node 22, also a file that leaves something open), or all of it.
const TEST_TIMEOUT_MS = 300_000;
const RUN_TIMEOUT_MS = 1_200_000;
const SOAK_TIMES = 6;

process.chdir(new URL("..", import.meta.url).pathname);

const { values, positionals } = parseArgs({
  options: {
    node: { type: "string", default: process.execPath },
    without: { type: "string", multiple: true, default: [] },
  },
  allowPositionals: true,
});
const files = selectFiles(positionals).filter((path) => !values.without.some((part) => path.includes(part)));
if (files.length === 0) fail(`no test files match ${positionals.join(" ") || "test/"}`);
run(values.node, files);

function selectFiles(filters) {
  const all = listFiles("test").filter((path) => path.endsWith(".test.ts"));
  if (filters.length === 0) return all.filter((path) => !LEFT_OUT.test(path));
  const wanted = filters.map((filter) => filter.replace(/^\.\//, ""));
  // A filter that matches nothing is a mistake, which other filters must not hide.
  for (const filter of wanted) {
    if (!all.some((path) => path.includes(filter))) fail(`no test files match ${filter}`);
  }
  return all.filter((path) => wanted.some((filter) => path.includes(filter)));
}

function run(node, testFiles) {
  const times = testFiles.some((path) => path.startsWith("test/soak/")) ? SOAK_TIMES : 1;
  const child = spawn(
    node,
    [
      "--import",
      "tsx",
      "--test",
      "--test-reporter=spec",
      `--test-concurrency=${CONCURRENCY}`,
      `--test-timeout=${TEST_TIMEOUT_MS * times}`,
      ...testFiles,
    ],
    { stdio: "inherit" },
  );
  const deadline = setTimeout(() => {
    console.error("run-tests: the run takes too long; something hangs");
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
  }, RUN_TIMEOUT_MS * times);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`cannot run ${node}: ${error.message}`));
  child.on("close", (code, signal) => {
    clearTimeout(deadline);
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

function fail(reason) {
  console.error(`run-tests: ${reason}`);
  process.exit(1);
}
