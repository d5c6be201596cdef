// Runs the engine's tests on newer versions of Node: node scripts/test-nodes.mjs [FILTER]...
//
// The binaries come from npm (test/nodes/package.json), and are installed there the first time, or if one is missing.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../test/nodes/", import.meta.url));
const runTests = fileURLToPath(new URL("run-tests.mjs", import.meta.url));
const { dependencies } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
const binaries = Object.keys(dependencies).map((name) => `${folder}node_modules/${name}/bin/node`);
// The engine is what touches a Node's insides. The pools' drivers are tested on one version, and so are the commands and their page.
const engine = ["test/unit", "test/conformance", "test/integration"];
const others = [
  "pools/",
  "unit/cli",
  "integration/cli",
  "integration/bench",
  "integration/demo",
  "integration/page",
];
const ofEngine = [...engine, ...others.flatMap((part) => ["--without", part])];
const filters = process.argv.length > 2 ? process.argv.slice(2) : ofEngine;

if (process.platform !== "linux" || process.arch !== "x64") {
  console.error("test-nodes: the binaries in test/nodes/package.json are for Linux on x64");
  process.exit(1);
}
if (!binaries.every((binary) => existsSync(binary))) install();

const failed = [];
for (const binary of binaries) {
  const version = execFileSync(binary, ["--version"], { encoding: "utf8" }).trim();
  console.log(`\n── Node ${version}`);
  const { status } = spawnSync(process.execPath, [runTests, "--node", binary, ...filters], {
    stdio: "inherit",
  });
  if (status !== 0) failed.push(version);
}

if (failed.length > 0) console.error(`test-nodes: failed on ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function install() {
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
}
