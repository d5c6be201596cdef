// ws: its README's echo and broadcast examples. It has no groups: one keeps a Set a group, and skips who isn't open.
// `bufferutil`, which its README recommends, is installed; compression is off by default.

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket, WebSocketServer } from "ws";
import { maxMessageBytes, port, slowHandlerMs } from "./settings.mjs";

/** @type {Map<string, Set<WebSocket>>} */
const groups = new Map();

/** @param {string} name */
function groupNamed(name) {
  const group = groups.get(name) ?? new Set();
  groups.set(name, group);
  return group;
}

/** @param {WebSocket} socket */
function echo(socket) {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
}

/** @param {WebSocket} socket @param {string} name */
function joinGroup(socket, name) {
  const group = groupNamed(name);
  group.add(socket);
  socket.on("message", (data, isBinary) => {
    for (const member of group) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary: isBinary });
    }
  });
  socket.on("close", () => group.delete(socket));
}

/** @param {WebSocket} socket */
function answerSlowly(socket) {
  socket.on("message", async (data, isBinary) => {
    await sleep(slowHandlerMs);
    socket.send(data, { binary: isBinary });
  });
}

const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: maxMessageBytes,
  clientTracking: false,
});
const server = createServer();
server.on("upgrade", (request, stream, head) => {
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.on("error", () => {});
    const path = request.url ?? "/";
    if (path === "/slow") answerSlowly(socket);
    else if (path.startsWith("/group/")) joinGroup(socket, path.slice("/group/".length));
    else echo(socket);
  });
});
server.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => console.log("ready"));
