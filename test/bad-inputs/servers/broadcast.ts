import { type Connection, createServer, type Server } from "../../../src/index.ts";
import { serveInChild } from "../../support/serve-in-child.ts";

// Sends to a group, 16 KiB at a time and about 10 MB a second, who reads it or not.
const join = (socket: Connection): void => {
  server.group("flood").add(socket);
  socket.on({});
};

const server: Server = createServer({
  routes: {
    "/flood": join,
    // One that reads, if not always as fast as it is sent to.
    "/reader": { handler: join, sendBuffer: { slowConsumer: "dropOldest" } },
    "/canary": async (socket) => {
      for await (const message of socket) socket.send(message);
    },
  },
  sendBuffer: {
    highWaterBytes: 256 * 1024,
    lowWaterBytes: 64 * 1024,
    maxBufferedBytes: 512 * 1024,
    slowConsumer: "close",
  },
});

const message = Buffer.alloc(16 * 1024, "m");
setInterval(() => {
  for (let count = 0; count < 13; count++) server.group("flood").send(message);
}, 20);

await serveInChild(server);
