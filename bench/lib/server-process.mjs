// A peer's server, as a process of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { untilGone } from "./children.mjs";
import { onCores } from "./cores.mjs";

const READY_WITHIN_MS = 20_000;
const KEPT_ERROR_CHARACTERS = 2_000;

/** A port on 127.0.0.1 that nobody listens on. */
async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, "close");
  return port;
}

/**
 * A running server. `pid` is the server itself: taskset becomes what it starts.
 *
 * @typedef {{ pid: number, port: number, ended(): string | null, stop(): Promise<void> }} ServerProcess
 */

/**
 * Starts a server and waits for its "ready".
 *
 * @param {import("./peers.mjs").Peer} peer
 * @param {import("./cores.mjs").Cores | null} cores
 * @param {Record<string, string>} environment
 * @returns {Promise<ServerProcess>}
 */
export async function startServer(peer, cores, environment) {
  const port = await freePort();
  const [command, ...args] = onCores(cores?.server, peer.command);
  const child = untilGone(
    spawn(command, args, {
      env: {
        ...process.env,
        NODE_ENV: "production",
        ...peer.environment,
        ...environment,
        PORT: String(port),
      },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-KEPT_ERROR_CHARACTERS);
  });
  let how = null;
  const gone = new Promise((resolve) => {
    const ended = (text) => {
      how ??= text;
      resolve(how);
    };
    child.once("error", (error) => ended(error.message));
    child.once("close", (code, signal) => ended(`ended with ${signal ?? code}. ${errors.trim()}`));
  });
  await ready(child, gone, peer.name);
  return {
    pid: Number(child.pid),
    port,
    ended: () => how,
    async stop() {
      child.kill("SIGKILL"); // how it closes isn't what is measured, and half of the peers would wait for their clients
      await gone;
    },
  };
}

/**
 * What a server of the rows about pools says about itself.
 *
 * @typedef {{ heldMs: number | null, unsettledMs: number, failures: Record<string, number>, pool: { waiting: number } | null }} Seen
 *
 * @param {ServerProcess} server
 * @returns {Promise<Seen>}
 */
export async function seenBy({ port }) {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return /** @type {Promise<Seen>} */ (response.json());
}

/** @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, import("node:stream").Readable>} child @param {Promise<string>} gone @param {string} name */
async function ready(child, gone, name) {
  let printed = "";
  let late;
  const isReady = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      if (!printed.includes("ready")) printed += text;
      if (printed.includes("ready")) resolve(null);
    });
  });
  const timeout = new Promise((resolve) => {
    late = setTimeout(resolve, READY_WITHIN_MS, `was not ready after ${READY_WITHIN_MS / 1000} s`);
  });
  const failure = await Promise.race([isReady, gone, timeout]);
  clearTimeout(late);
  if (failure === null) return;
  child.kill("SIGKILL");
  throw new Error(`${name}: the server ${failure}`);
}
