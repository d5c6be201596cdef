// The server of the soak test, in a process of its own: tells its port, and its memory when asked.
import { createServer, type Server } from "../../src/index.ts";

const server: Server = createServer({
  routes: {
    "/echo": async (socket) => {
      for await (const message of socket) socket.send(message);
    },
    "/group/:name": {
      open: (socket) => server.group(socket.request.params["name"] as string).add(socket),
    },
  },
});
await server.listen(0, "127.0.0.1");

process.on("message", async () => {
  while (server.connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ bytes: heapUsed + external, connections: server.stats().connections });
});
process.send?.(server.port);
