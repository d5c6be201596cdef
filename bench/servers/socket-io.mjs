// Socket.IO: rooms, and only the WebSocket transport, since polling would be another measure. As its documentation says on
// performance and memory, `bufferutil` is installed, and the request of the handshake is let go. It speaks a protocol of its
// own, so a path can't say what a connection does: the query does (`?work=echo`, `?work=slow`, `?group=NAME`).

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "socket.io";
import { maxMessageBytes, port, slowHandlerMs } from "./settings.mjs";

const server = createServer();
const io = new Server(server, {
  transports: ["websocket"],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
  maxHttpBufferSize: maxMessageBytes,
  // A row must not end in the middle for want of a pong: the load generator knows no Engine.IO.
  pingInterval: 3_600_000,
});

io.on("connection", (socket) => {
  const { work, group } = socket.handshake.query;
  socket.conn.request = null; // the handshake's, which nobody needs any more
  if (typeof group === "string") {
    socket.join(group);
    socket.on("m", (text) => io.to(group).emit("m", text));
  } else if (work === "slow") {
    socket.on("m", async (text) => {
      await sleep(slowHandlerMs);
      socket.emit("m", text);
    });
  } else {
    socket.on("m", (text) => socket.emit("m", text));
  }
});

server.listen({ port, host: "127.0.0.1", backlog: 4096 }, () => console.log("ready"));
