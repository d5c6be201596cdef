// Who is measured, how each is started, and what is said to it.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { benchFolder, rootFolder, serverFile } from "./paths.mjs";

/**
 * How a connection is told what to do: the path of its URL, what it says first, and how a message looks around its payload.
 *
 * @typedef {"echo" | "group" | "slow" | "query" | "insert"} Work
 * @typedef {{ path: string, hello?: string, message(payload: string): string }} Route
 *
 * @typedef {object} Peer
 * @property {string} id
 * @property {string} name
 * @property {string[]} command
 * @property {Record<string, string>} [environment]
 * @property {boolean} [onlyIfAsked] Not part of an ordinary run.
 * @property {string} [onlyIn] The one row that it is part of.
 * @property {(work: Work) => Route} route
 * @property {string | null} version Null if it can't run here.
 * @property {string} [missing] Why it can't.
 */

// V8 lets the young generation grow to 32 MB while connections arrive: two thirds of what a connection seems to take. With this it can't.
const SMALL_NEW_SPACE = "--max-semi-space-size=2";

const paths = { echo: "/echo", group: "/group/%r", slow: "/slow" };

/** @param {Work} work @returns {Route} */
const plainRoute = (work) => ({ path: paths[work], message: (payload) => payload });

/** Socket.IO 4 on Engine.IO 4: "40" joins the default namespace, "42" is an event. @param {Work} work @returns {Route} */
function socketIoRoute(work) {
  const query = work === "group" ? "group=%r" : `work=${work}`;
  return {
    path: `/socket.io/?EIO=4&transport=websocket&${query}`,
    hello: "40",
    message: (payload) => `42["m","${payload}"]`,
  };
}

/** @param {string} name */
function packageVersion(name) {
  const file = join(benchFolder, "node_modules", name, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : null;
}

/** What a command prints, in one line; null if it fails. @param {string} command @param {string[]} args */
function outputOf(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000 });
  return status === 0 ? stdout.trim().split("\n").join(" ") : null;
}

/**
 * Bun, whether or not its install script ran: the binary is in the package of the platform, and that script moves it from there.
 */
function findBun() {
  const platform = `bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
  const candidates = ["bun/bin/bun.exe", `@oven/${platform}/bin/bun`, `@oven/${platform}-baseline/bin/bun`];
  for (const candidate of candidates) {
    const file = join(benchFolder, "node_modules", candidate);
    const version = existsSync(file) ? outputOf(file, ["--version"]) : null;
    if (version !== null) return { file, version };
  }
  return null;
}

/** The first Python that has `websockets`. */
function findPython() {
  const program =
    "import platform, websockets; print(websockets.__version__, 'on Python', platform.python_version())";
  for (const file of ["/usr/bin/python3", "python3"]) {
    const version = outputOf(file, ["-c", program]);
    if (version === null) continue;
    const withUvloop = outputOf(file, ["-c", "import uvloop"]) !== null;
    return { file, version: withUvloop ? `${version} with uvloop` : version };
  }
  return null;
}

/** Whether a package's native part loads in this Node. @param {string} name */
function loads(name) {
  return (
    outputOf(process.execPath, [
      "-e",
      `require(${JSON.stringify(join(benchFolder, "node_modules", name))})`,
    ]) !== null
  );
}

function sluice() {
  const { version } = JSON.parse(readFileSync(join(rootFolder, "package.json"), "utf8"));
  return { command: [process.execPath, serverFile("sluice.mjs")], version, route: plainRoute };
}

/** All peers in the order of the tables, Sluice first. @returns {Peer[]} */
export function findPeers() {
  const node = process.execPath;
  const bun = findBun();
  const python = findPython();
  const uwsVersion = packageVersion("uwebsockets");
  return [
    { id: "sluice", name: "Sluice", ...sluice() },
    {
      id: "sluice-portable",
      name: "Sluice, portable",
      ...sluice(),
      environment: { SLUICE_TRANSPORT: "portable" },
      onlyIfAsked: true,
    },
    {
      ...sluice(),
      id: "sluice-small-new-space",
      name: `Sluice (node ${SMALL_NEW_SPACE})`,
      command: [node, SMALL_NEW_SPACE, serverFile("sluice.mjs")],
      onlyIn: "idle-10000",
    },
    {
      id: "ws-small-new-space",
      name: `ws (node ${SMALL_NEW_SPACE})`,
      command: [node, SMALL_NEW_SPACE, serverFile("ws.mjs")],
      version: packageVersion("ws"),
      route: plainRoute,
      onlyIn: "idle-10000",
    },
    {
      id: "ws",
      name: "ws",
      command: [node, serverFile("ws.mjs")],
      version: packageVersion("ws"),
      route: plainRoute,
    },
    {
      id: "socket-io",
      name: "Socket.IO",
      command: [node, serverFile("socket-io.mjs")],
      version: packageVersion("socket.io"),
      route: socketIoRoute,
    },
    {
      id: "bun",
      name: "Bun",
      command: [bun?.file ?? "bun", serverFile("bun.ts")],
      version: bun?.version ?? null,
      missing: "no binary of Bun for this platform was installed",
      route: plainRoute,
    },
    {
      id: "uws",
      name: "uWebSockets.js",
      command: [node, serverFile("uws.mjs")],
      version: uwsVersion !== null && loads("uwebsockets") ? `${uwsVersion} of "uwebsockets"` : null,
      missing: `"uwebsockets" has no binary for Node ${process.versions.node} on this platform`,
      route: plainRoute,
    },
    {
      id: "python-websockets",
      name: "Python websockets",
      command: [python?.file ?? "python3", serverFile("python-websockets.py")],
      version: python?.version ?? null,
      missing: "no Python here has it (Debian: python3-websockets)",
      route: plainRoute,
    },
  ];
}
