// Work for the processor, in threads: npx tsx examples/workers.ts, then npx sluice connect ws://localhost:8765 and type passwords

import { openWorkers, type Server, serve } from "sluice";

const workers = openWorkers<typeof import("./hash.ts")>(new URL("./hash.ts", import.meta.url), {
  maxWaiting: 100,
  runTimeoutMs: 5_000,
});

const server: Server = await serve(
  async (socket) => {
    for await (const password of socket) {
      try {
        // Whoever leaves has nothing worked out any more: the thread is ended, and another takes its place.
        socket.send(await workers.run("hash", [String(password), "salt"], { signal: socket.signal }));
      } catch (error) {
        // SLUICE_POOL_FULL if too many are waiting, SLUICE_QUERY_TIMEOUT, or what the function has thrown.
        socket.send(`failed: ${(error as { code?: string }).code ?? error}`);
      }
    }
  },
  "localhost",
  Number(process.env["PORT"] ?? 8765),
  { resources: [workers] },
);
console.log(`Listening on ${server.url}`);

process.once("SIGINT", () => void server.close());
