import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";
import { createServer, type Server, type ServerOptions } from "../../src/index.ts";

/** An ordinary HTTP server, and one that takes its upgrades. */
export interface SharedServers {
  readonly http: HttpServer;
  readonly server: Server;
  readonly port: number;
  /** The address that the next connections seem to come from: loopback is exempt from what there is to test. */
  remoteAddress: string | undefined;
}

/** Starts both. They are closed after the test. */
export async function startSharedServers(
  t: TestContext,
  options: ServerOptions<unknown>,
): Promise<SharedServers> {
  const http = createHttpServer((_request, response) => response.end("plain"));
  const server = createServer({ ...options, server: http });
  const shared: SharedServers = { http, server, port: 0, remoteAddress: undefined };
  http.prependListener("connection", (socket: Socket) => {
    const { remoteAddress } = shared;
    if (remoteAddress !== undefined) Object.defineProperty(socket, "remoteAddress", { value: remoteAddress });
  });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  t.after(async () => {
    await server.close({ drainMs: 0, spreadMs: 0 });
    http.closeAllConnections();
    http.close();
  });
  return Object.assign(shared, { port: (http.address() as AddressInfo).port });
}
