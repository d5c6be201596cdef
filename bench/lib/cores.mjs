// The server has one core to itself, the load generator the others, so that neither takes time from the other.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** "0-3,6" -> [0, 1, 2, 3, 6]. @param {string} list */
export function parseCoreList(list) {
  return list.split(",").flatMap((part) => {
    const [first, last = first] = part.trim().split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** The cores that this process may run on. */
function allowedCores() {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (list !== undefined) return parseCoreList(list);
  } catch {
    // Not a Linux: fall through.
  }
  return Array.from({ length: availableParallelism() }, (_, core) => core);
}

/** Whether `taskset` works here. @param {number} core */
function canPin(core) {
  try {
    execFileSync("taskset", ["-c", String(core), "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Which core is whose; null if they can't be kept apart.
 *
 * @typedef {{ server: string, generator: string }} Cores
 * @returns {Cores | null}
 */
export function shareCores() {
  const [first, ...others] = allowedCores();
  if (first === undefined || others.length === 0 || !canPin(first)) return null;
  return { server: String(first), generator: others.join(",") };
}

/** Keeps this process, and what it starts from now on, to some cores. @param {string} cores */
export function stayOn(cores) {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(process.pid)], {
    stdio: "ignore",
  });
}

/**
 * The command that runs another on some cores.
 *
 * @param {string | undefined} cores
 * @param {readonly string[]} command
 */
export function onCores(cores, command) {
  return cores === undefined ? [...command] : ["taskset", "-c", cores, ...command];
}
