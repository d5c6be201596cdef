import {
  type Health,
  healthRoute,
  httpRouter,
  LiveFigures,
  pageRoute,
  statsRoute,
  webSocketRoute,
} from "../admin/index.ts";
import {
  type ConnectionGroup,
  createServer,
  route,
  type Server,
  type ServerOptions,
} from "../server/index.ts";
import type { Callbacks, Connection } from "../transport/index.ts";

/** What the demo needs beside the options of its server. */
export interface DemoOptions {
  readonly server: Omit<ServerOptions, "handler" | "routes" | "http">;
  /** Whether the page, its live figures and `/stats` are served. */
  readonly page: boolean;
  readonly version: string;
}

/** What `sluice serve` serves. */
export interface Demo {
  readonly server: Server;
  /** From now on the health endpoint says `draining`. */
  startDraining(): void;
}

/** Makes the server of `sluice serve`; it doesn't listen yet. @throws SLUICE_INVALID_OPTION */
export function createDemo({ server: serverOptions, page, version }: DemoOptions): Demo {
  const startedAt = performance.now();
  let status: Health["status"] = "ok";
  const health = (): Health => ({
    status,
    connections: server.connections.size,
    maxConnections: server.limits.maxConnections,
    uptimeMs: Math.round(performance.now() - startedAt),
    version,
  });
  const live = liveRoute(() => server.stats());
  const server: Server = createServer({
    ...serverOptions,
    routes: {
      "/echo": echo,
      "/group/:name": groupRoute((name) => server.group(name)),
      ...(page ? { "/live": live } : {}),
    },
    http: httpRouter([
      healthRoute(health),
      ...(page ? [pageRoute(), statsRoute(() => server.stats())] : []),
      webSocketRoute((path) => path === "/echo" || path.startsWith("/group/") || (page && path === "/live")),
    ]),
  });
  return {
    server,
    startDraining: () => {
      status = "draining";
    },
  };
}

/** `/echo`: answers each message, as fast as its peer reads. */
async function echo(socket: Connection): Promise<void> {
  for await (const message of socket) {
    if (!socket.send(`Received: ${message}`)) await socket.drained();
  }
}

/** `/group/:name`: what one sends, all get, as it was sent. Nobody waits for a slow member: the slow-consumer policy is for that. */
function groupRoute(groupOf: (name: string) => ConnectionGroup): ReturnType<typeof route> {
  const handler: Callbacks<ConnectionGroup> = {
    open: (socket) => socket.data.add(socket as Connection),
    message: (socket, message) => socket.data.send(message),
  };
  return route<ConnectionGroup>({ handler, authenticate: ({ params }) => groupOf(params["name"] as string) });
}

/** `/live`: the page's figures. Who reads too slowly gets only the latest. */
function liveRoute(read: () => ReturnType<Server["stats"]>): ReturnType<typeof route> {
  const figures = new LiveFigures(read);
  return route({
    handler: { open: (socket) => figures.add(socket), close: (socket) => figures.remove(socket) },
    maxMessageBytes: 1024,
    sendBuffer: { slowConsumer: "latest", highWaterBytes: 16 * 1024, lowWaterBytes: 4 * 1024 },
  });
}
