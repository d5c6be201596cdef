import {
  type Health,
  healthRoute,
  httpRouter,
  LiveFigures,
  pageRoute,
  statsRoute,
  webSocketRoute,
} from "../admin/index.ts";
import type { Resource } from "../pools/index.ts";
import {
  type ConnectionGroup,
  createServer,
  route,
  type Server,
  type ServerOptions,
} from "../server/index.ts";
import type { Callbacks, Connection } from "../transport/index.ts";
import { ChatMessages } from "./chat-messages.ts";
import { chatRoute } from "./chat-route.ts";
import { DemoDatabase } from "./demo-database.ts";
import { prepareUsers, queryRoute } from "./query-route.ts";

// No path leads to it: what a path holds is UTF-8, in which half a character can't be. So nobody gets into the chat by `/group/NAME`.
const CHAT_GROUP = "\ud800chat";

/** What the demo needs beside the options of its server. */
export interface DemoOptions {
  readonly server: Omit<ServerOptions, "handler" | "routes" | "http" | "resources">;
  /** Whether the page, its live figures and `/stats` are served. */
  readonly page: boolean;
  readonly version: string;
  /** The URL of the database that the chat and `/query` keep things in. @default "sqlite::memory:" */
  readonly database?: string;
  /** Whether `/query` is served. @default false */
  readonly query?: boolean;
}

/** What `sluice serve` serves. */
export interface Demo {
  readonly server: Server;
  /** From now on the health endpoint says `draining`. */
  startDraining(): void;
}

/** Makes the server of `sluice serve`; it doesn't listen yet. @throws SLUICE_INVALID_OPTION */
export function createDemo(options: DemoOptions): Demo {
  const { server: serverOptions, page, version, query = false } = options;
  const startedAt = performance.now();
  let isDraining = false;
  const health = (): Health => ({
    ...healthOf(server.resources, isDraining),
    connections: server.connections.size,
    maxConnections: server.limits.maxConnections,
    uptimeMs: Math.round(performance.now() - startedAt),
    version,
  });
  const live = liveRoute(() => server.stats());
  const report = (error: unknown, socket: Connection): void => serverOptions.onError?.(error, socket);
  // Nobody needs a database where neither is served.
  const database = page || query ? demoDatabase(options) : undefined;
  const chat = (): ConnectionGroup => server.group(CHAT_GROUP);
  const server: Server = createServer({
    ...serverOptions,
    resources: database === undefined ? [] : [database],
    routes: {
      "/echo": echo,
      "/group/:name": groupRoute((name) => server.group(name)),
      ...(page && { "/live": live }),
      ...(page && database && { "/chat": demoChat(database, chat, report) }),
      ...(query && database && { "/query": queryRoute(database, report) }),
    },
    http: httpRouter([
      healthRoute(health),
      ...(page ? [pageRoute(), statsRoute(() => server.stats())] : []),
      webSocketRoute(
        (path) => path.startsWith("/group/") || ["/echo", ...socketPaths(page, query)].includes(path),
      ),
    ]),
  });
  return {
    server,
    startDraining: () => {
      isDraining = true;
    },
  };
}

function socketPaths(page: boolean, query: boolean): string[] {
  return [...(page ? ["/live", "/chat"] : []), ...(query ? ["/query"] : [])];
}

function demoDatabase({ page, query = false, database }: DemoOptions): DemoDatabase {
  return new DemoDatabase(database, [
    ...(page ? [ChatMessages.prepare] : []),
    ...(query ? [prepareUsers] : []),
  ]);
}

function demoChat(
  database: DemoDatabase,
  members: () => ConnectionGroup,
  report: (error: unknown, socket: Connection) => void,
): ReturnType<typeof route> {
  const keptIn = database.isInMemory ? "memory" : "database";
  return chatRoute({ messages: new ChatMessages(database), keptIn, members, report });
}

function healthOf(resources: readonly Resource[], isDraining: boolean): Pick<Health, "status" | "resources"> {
  const down = resources.filter((resource) => resource.health().status !== "up");
  const reports = resources.map((resource) => ({ name: resource.name, ...resource.health() }));
  if (isDraining) return { status: "draining", resources: reports };
  if (down.some(({ required }) => required)) return { status: "unavailable", resources: reports };
  return { status: down.length > 0 ? "degraded" : "ok", resources: reports };
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
