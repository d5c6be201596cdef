import { cpu, load, p50, p99, rate } from "./columns.mjs";
import { singleLoadRow } from "./row.mjs";

const columns = [cpu("message"), rate("messages/s"), p50, p99, load];
const about =
  "Every connection has so many messages outstanding, and sends the next when an answer is there. CPU is the server's time in user and kernel mode.";

/** @param {string} name @param {string} peer @param {number} atLeast */
const cpuTarget = (name, peer, atLeast) => ({
  text: `${atLeast} x ${name} (CPU per message)`,
  figure: "cpuMicros",
  peer,
  better: /** @type {const} */ ("lower"),
  atLeast,
  beside: [{ figure: "rate", better: /** @type {const} */ ("higher"), name: "rate" }],
});

const base = {
  mode: /** @type {const} */ ("echo"),
  connections: 200,
  depth: 1,
  size: 20,
  warmup: 1,
  duration: 2,
};

export const echoOne = singleLoadRow({
  id: "echo-1",
  showsEveryPeer: true,
  work: "echo, 20 B, 200 connections, 1 outstanding",
  about,
  path: "echo",
  load: base,
  targets: [cpuTarget("ws", "ws", 1.9), cpuTarget("uWebSockets.js", "uws", 0.9)],
  columns,
});

export const echoSixteen = singleLoadRow({
  id: "echo-16",
  work: "the same, 16 outstanding",
  about,
  path: "echo",
  load: { ...base, depth: 16 },
  targets: [cpuTarget("ws", "ws", 7), cpuTarget("uWebSockets.js", "uws", 1.2)],
  columns,
});

export const echoMedium = singleLoadRow({
  id: "echo-16k",
  work: "echo of 16 KiB messages, 50 connections, 1 outstanding",
  about,
  path: "echo",
  load: { ...base, connections: 50, size: 16 * 1024 },
  targets: [{ ...cpuTarget("ws", "ws", 1), text: "ahead of ws (CPU per message)" }],
  columns,
});

export const echoLarge = singleLoadRow({
  id: "echo-1m",
  work: "echo of 1 MiB messages, 8 connections, 1 outstanding",
  about,
  path: "echo",
  load: { ...base, connections: 8, size: 1024 * 1024 },
  targets: [{ ...cpuTarget("ws", "ws", 1), text: "ahead of ws (CPU per message)" }],
  columns,
});
