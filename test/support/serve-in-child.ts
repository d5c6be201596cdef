import type { Server } from "../../src/index.ts";

/** Runs a server in a process that a `ChildServer` has started. Whatever isn't caught ends the process, and so the test. */
export async function serveInChild(server: Server): Promise<void> {
  await server.listen(0, "127.0.0.1");
  process.on("message", () => {
    const { connections, handshakes, bufferedBytes, refused, closed } = server.stats();
    const { user, system } = process.cpuUsage();
    process.send?.({
      connections,
      handshakes,
      bufferedBytes,
      refused,
      closed,
      peakBytes: process.resourceUsage().maxRSS * 1024,
      cpuMs: (user + system) / 1000,
    });
  });
  process.send?.(server.port);
}
