// What a run needs: the peers, and Sluice as it is built now.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { benchFolder, commandLine, rootFolder } from "./paths.mjs";

/** Installs the peers, in the harness's own folder, unless they are there in the versions that its package.json names. */
export function installPeers() {
  const { dependencies } = readJson(join(benchFolder, "package.json"));
  const isInstalled = ([name, version]) => {
    const file = join(benchFolder, "node_modules", name, "package.json");
    return existsSync(file) && readJson(file).version === version;
  };
  if (!Object.entries(dependencies).every(isInstalled))
    run("npm", ["ci", "--no-audit", "--no-fund"], benchFolder);
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Builds Sluice unless it is built already and no source has changed since. */
export function buildSluice() {
  if (existsSync(commandLine) && statSync(commandLine).mtimeMs >= newestChange()) return;
  run("npm", ["run", "build"], rootFolder);
}

function newestChange() {
  const source = join(rootFolder, "src");
  const inputs = readdirSync(source, { recursive: true }).map((name) => join(source, String(name)));
  return Math.max(...[...inputs, join(rootFolder, "package.json")].map((input) => statSync(input).mtimeMs));
}

/** @param {string} command @param {string[]} args @param {string} folder */
function run(command, args, folder) {
  console.error(`${command} ${args.join(" ")}  (in ${folder})`);
  const { status, error } = spawnSync(command, args, {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) {
    throw new Error(`"${command} ${args.join(" ")}" failed with ${status ?? error}.`, { cause: error });
  }
}
