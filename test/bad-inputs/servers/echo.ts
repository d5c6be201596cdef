import { createServer, type ServerOptions } from "../../../src/index.ts";
import { serveInChild } from "../../support/serve-in-child.ts";

// Echoes, with the options that the test gives as JSON.
const options = JSON.parse(process.argv[2] ?? "{}") as ServerOptions;

await serveInChild(
  createServer({
    ...options,
    handler: async (socket) => {
      for await (const message of socket) {
        if (!socket.send(message)) await socket.drained();
      }
    },
  }),
);
