import type { Callbacks, Handler } from "../transport/index.ts";
import type { RouteOptions, ServerOptions } from "./options.ts";
import { resolveOptions } from "./resolve-options.ts";
import type { Server } from "./server.ts";
import { WebSocketServer } from "./websocket-server.ts";

/**
 * Makes a server, which `listen()` starts.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function createServer<Data = unknown>(options: ServerOptions<Data> = {}): Server {
  // Data is what this server's own authenticate has made: within, it is passed through unseen.
  return new WebSocketServer(resolveOptions(options as unknown as ServerOptions));
}

/**
 * Serves WebSockets: makes a server and starts it.
 *
 * @param handler An async function per connection, or callbacks.
 * @param host `localhost` stands for both loopback addresses. @default "localhost"
 * @param port 0 for any that is free. @default 8765
 * @param options Everything else. @default {}
 * @throws SLUICE_INVALID_OPTION, SLUICE_ADDRESS_IN_USE, SLUICE_ADDRESS_UNAVAILABLE; what a resource throws that can't be opened
 */
export async function serve<Data = unknown>(
  handler: Handler<NoInfer<Data>> | Callbacks<NoInfer<Data>>,
  host?: string,
  port?: number,
  options: ServerOptions<Data> = {},
): Promise<Server> {
  const place = { ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
  const server = createServer<Data>({ ...options, ...place, handler });
  try {
    await server.listen();
  } catch (error) {
    // Nobody else could close it, and its resources would keep the process.
    await server.close();
    throw error;
  }
  return server;
}

/** A route whose `authenticate` and `handler` agree on the type of `socket.data`. */
export function route<Data>(options: RouteOptions<Data>): RouteOptions {
  return options as unknown as RouteOptions;
}
