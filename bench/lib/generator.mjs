// `sluice bench`, as a process of its own: the same for every peer.

import { spawn } from "node:child_process";
import { untilGone } from "./children.mjs";
import { onCores } from "./cores.mjs";
import { commandLine } from "./paths.mjs";

/**
 * What it is asked for, by the names of its flags.
 *
 * @typedef {object} Load
 * @property {"echo" | "fanout" | "rate" | "connect" | "idle"} mode
 * @property {number} [connections]
 * @property {number} [duration] Seconds.
 * @property {number} [warmup] Seconds.
 * @property {number} [depth]
 * @property {number} [size] Bytes.
 * @property {number} [rate] Messages a second in all.
 * @property {number} [groups]
 * @property {number} [slow]
 */

/**
 * What it reports.
 *
 * @typedef {object} Report
 * @property {{ requested: number, open: number, refused: number, closed: number }} connections
 * @property {Record<string, number>} [reasons] Why connections were refused or closed.
 * @property {number} seconds
 * @property {number} sent
 * @property {number} received
 * @property {number} [expected]
 * @property {{ sentPerSecond: number, receivedPerSecond: number, bytesInPerSecond: number }} rates
 * @property {{ p50: number, p90: number, p99: number, p999: number, max: number }} [latencyMs]
 * @property {number} [connectPerSecond]
 * @property {{ cpuSeconds: number, rssBeforeBytes: number, rssAfterBytes: number, peakRssBytes: number,
 *   cpuMicrosPerMessage?: number, bytesPerConnection?: number }} [server]
 * @property {{ cpuSeconds: number, processes: number }} generator
 */

// Connecting, settling and ending, beside the time that is asked for.
const EXTRA_SECONDS = 45;
const GRACE_MS = 3_000;
const KEPT_ERROR_CHARACTERS = 2_000;

/** The payload: when it was sent, padded to the size that is asked for. */
const PAYLOAD = "%t%p";

/** The generator's arguments. @param {Load} load @param {import("./peers.mjs").Route} route @param {string} origin */
export function generatorArguments(load, route, origin) {
  const flags = Object.entries(load).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const hello = route.hello === undefined ? [] : ["--hello", route.hello];
  return [`${origin}${route.path}`, ...flags, "--message", route.message(PAYLOAD), ...hello];
}

/**
 * A running one. `stop` ends it before its time.
 *
 * @typedef {{ end: Promise<{ report: Report | null, failure: string | null }>, stop(): void }} Generator
 */

/**
 * @param {Load} load
 * @param {import("./peers.mjs").Route} route
 * @param {import("./server-process.mjs").ServerProcess} server
 * @param {import("./cores.mjs").Cores | null} cores
 * @returns {Generator}
 */
export function startGenerator(load, route, server, cores) {
  const args = generatorArguments(load, route, `ws://127.0.0.1:${server.port}`);
  const line = [process.execPath, commandLine, "bench", ...args, "--pid", String(server.pid), "--json"];
  const [command, ...rest] = onCores(cores?.generator, line);
  const child = untilGone(spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"] }));
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-KEPT_ERROR_CHARACTERS);
  });
  const stop = () => {
    child.kill("SIGTERM"); // by which its worker processes end too
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  };
  const late = setTimeout(stop, ((load.duration ?? 0) + (load.warmup ?? 0) + EXTRA_SECONDS) * 1000);
  const end = new Promise((resolve) => {
    child.once("error", (error) => resolve({ report: null, failure: error.message }));
    child.once("close", (code, signal) => {
      clearTimeout(late);
      const report = parseReport(output);
      const failure = `the load generator ended with ${signal ?? code}. ${errors.trim()}`;
      resolve(report === null ? { report, failure } : { report, failure: null });
    });
  });
  return { end, stop };
}

/** @param {string} output @returns {Report | null} */
function parseReport(output) {
  try {
    return JSON.parse(output);
  } catch {
    return null; // it ended in the middle, or before
  }
}
