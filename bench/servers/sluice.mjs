// Sluice: its groups, and callbacks, as the others have them. An async one is awaited, one message a connection at a time.

import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "../../dist/index.js";
import { maxBufferedBytes, maxMessageBytes, memoryBudgetBytes, port, slowHandlerMs } from "./settings.mjs";

const echo = {
  message(socket, message) {
    socket.send(message);
  },
};

/** @param {import("../../dist/index.js").Connection} socket */
function joinGroup(socket) {
  const group = server.group(socket.request.params.name);
  group.add(socket);
  socket.on({
    message(_socket, message) {
      group.send(message);
    },
  });
}

const answerSlowly = {
  async message(socket, message) {
    await sleep(slowHandlerMs);
    socket.send(message);
  },
};

const server = createServer({
  routes: { "/echo": echo, "/group/:name": joinGroup, "/slow": answerSlowly },
  maxMessageBytes,
  // 1 MiB, 256 KiB and 4 MiB are the defaults; one row has less.
  sendBuffer: {
    highWaterBytes: maxBufferedBytes / 4,
    lowWaterBytes: maxBufferedBytes / 16,
    maxBufferedBytes,
  },
  limits: { maxBufferedBytes: memoryBudgetBytes },
});
await server.listen(port, "127.0.0.1");
console.log("ready");
