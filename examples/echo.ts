// Answers each message: npx tsx examples/echo.ts, then npx sluice connect ws://localhost:8765

import { serve } from "sluice";

const port = Number(process.env["PORT"] ?? 8765);

const server = await serve(
  async (socket) => {
    for await (const message of socket) {
      // False means that the peer doesn't read its answers as fast as it asks.
      if (!socket.send(`Received: ${message}`)) await socket.drained();
    }
  },
  "localhost",
  port,
);
console.log(`Listening on ${server.url}`);

process.once("SIGINT", () => void server.close());
