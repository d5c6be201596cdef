// Bun: the pub/sub of Bun.serve. `server.publish` reaches every subscriber, the sender too; `ws.publish` would skip it.

import { maxBufferedBytes, maxMessageBytes, port, slowHandlerMs } from "./settings.mjs";

type Work = { path: "echo" | "slow" } | { path: "group"; group: string };

function workOf(path: string): Work {
  if (path.startsWith("/group/")) return { path: "group", group: path.slice("/group/".length) };
  return { path: path === "/slow" ? "slow" : "echo" };
}

const server = Bun.serve<Work>({
  hostname: "127.0.0.1",
  port,
  fetch(request, server) {
    const data = workOf(new URL(request.url).pathname);
    return server.upgrade(request, { data })
      ? undefined
      : new Response("A WebSocket, please.", { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    maxPayloadLength: maxMessageBytes,
    backpressureLimit: maxBufferedBytes, // 16 MiB unless set
    idleTimeout: 120, // the default, in seconds
    open(socket) {
      if (socket.data.path === "group") socket.subscribe(socket.data.group);
    },
    message(socket, message) {
      const { data } = socket;
      if (data.path === "echo") socket.send(message);
      else if (data.path === "group") server.publish(data.group, message);
      else return answerSlowly(socket, message);
    },
  },
});

async function answerSlowly(socket: Bun.ServerWebSocket<Work>, message: string | Buffer): Promise<void> {
  await Bun.sleep(slowHandlerMs);
  socket.send(message);
}

console.log("ready");
