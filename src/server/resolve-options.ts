import { totalmem } from "node:os";
import { checkOptions, definedOptions, invalidOption } from "../errors/index.ts";
import type { Resource } from "../pools/index.ts";
import {
  type Callbacks,
  type ConnectionOptions,
  type ConnectionProfile,
  compressionDefaults,
  connectionDefaults,
  connectionProfile,
  connectionsWithin,
  descriptorLimit,
  type Handler,
  type ReceiveOptions,
  type SendBufferOptions,
  type TransportChoice,
  transportFromEnvironment,
} from "../transport/index.ts";
import { checkTls } from "./check-tls.ts";
import { callbacksSchema, ROUTE_SETTINGS, routeSchema, serverSchema } from "./option-schemas.ts";
import type {
  Authenticate,
  ConnectionSettings,
  Origins,
  RouteOptions,
  RouteSettings,
  ServerLimits,
  ServerOptions,
  Subprotocols,
} from "./options.ts";

const MAX_BUDGET_BYTES = 1024 ** 3;

/** A route, ready to be served. */
export interface Route {
  readonly pattern: string;
  readonly profile: ConnectionProfile;
  readonly authenticate: Authenticate | undefined;
  readonly subprotocols: Subprotocols;
  readonly origins: Origins;
}

/** All options, filled and checked. */
export interface ResolvedOptions {
  readonly routes: readonly Route[];
  /** Serves what no route matches. */
  readonly fallback: Route | undefined;
  readonly resources: readonly Resource[];
  readonly http: ServerOptions["http"];
  readonly tls: ServerOptions["tls"];
  readonly server: ServerOptions["server"];
  readonly host: string;
  readonly port: number;
  readonly hosts: readonly string[] | "any" | undefined;
  readonly limits: ServerLimits;
  readonly maxFlushDelayMs: number;
  readonly retryAfterSeconds: number;
  readonly transport: TransportChoice;
  readonly onError: ServerOptions["onError"];
}

/**
 * Fills the options with their defaults, and checks all of them once.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  checkOptions(serverSchema, options);
  if (options.tls !== undefined) checkTls(options.tls);
  const routes = Object.entries(options.routes ?? {}).map(([pattern, route]) =>
    resolveRoute(pattern, route, options),
  );
  const fallback = options.handler === undefined ? undefined : makeRoute("*", options.handler, options);
  return {
    routes,
    fallback,
    resources: options.resources ?? [],
    http: options.http,
    tls: options.tls,
    server: options.server,
    host: options.host ?? "localhost",
    port: options.port ?? 8765,
    hosts: resolveHosts(options.hosts),
    limits: resolveLimits(options.limits ?? {}),
    maxFlushDelayMs: options.maxFlushDelayMs ?? 5,
    retryAfterSeconds: options.retryAfterSeconds ?? 5,
    transport: transportFromEnvironment() ?? options.transport ?? "auto",
    onError: options.onError,
  };
}

// As they are compared: a browser writes a name in lower case, and one beyond ASCII in Punycode.
function resolveHosts(given: ServerOptions["hosts"]): ResolvedOptions["hosts"] {
  return given === undefined || given === "any"
    ? given
    : given.map((host) => new URL(`http://${host}`).hostname);
}

function resolveLimits(given: Partial<ServerLimits>): ServerLimits {
  const memory = process.constrainedMemory?.() ?? 0;
  const available = memory > 0 ? Math.min(memory, totalmem()) : totalmem();
  return {
    maxConnections: connectionsWithin(descriptorLimit()),
    maxConnectionsPerAddress: 1024,
    exemptAddresses: [],
    handshakeTimeoutMs: 10_000,
    maxHeaderBytes: 16 * 1024,
    maxHeaderCount: 100,
    maxBufferedBytes: Math.min(MAX_BUDGET_BYTES, Math.floor(available / 4)),
    ...definedOptions(given),
  };
}

function resolveRoute(
  pattern: string,
  route: Handler | Callbacks | RouteOptions,
  server: ServerOptions,
): Route {
  if (typeof route === "function") return makeRoute(pattern, route, server);
  const at = `routes.${pattern}`;
  if (!("handler" in route)) {
    checkNoSettings(route, at);
    checkOptions(callbacksSchema, route, at);
    return makeRoute(pattern, route, server);
  }
  checkOptions(routeSchema, route, at);
  const { handler: routeHandler, ...settings } = route;
  return makeRoute(pattern, routeHandler, {
    ...server,
    ...definedOptions(settings),
    ...mergeGroups(server, settings),
  });
}

// Taken for callbacks, such a route would let in whom its options are to keep out.
function checkNoSettings(route: Callbacks, at: string): void {
  const settings = Object.keys(route).filter((name) => ROUTE_SETTINGS.has(name));
  if (settings.length === 0) return;
  const problem = `beside ${settings.join(", ")} it needs a handler: put the callbacks there`;
  throw invalidOption(at, problem);
}

function makeRoute(pattern: string, routeHandler: Handler | Callbacks, settings: RouteSettings): Route {
  return {
    pattern,
    profile: connectionProfile(routeHandler, resolveConnection(settings, pattern)),
    authenticate: settings.authenticate,
    subprotocols: settings.subprotocols ?? [],
    origins: settings.origins ?? "same-origin",
  };
}

// A route that sets one mark of a group keeps the server's other ones.
function mergeGroups(server: ConnectionSettings, route: ConnectionSettings): ConnectionSettings {
  return {
    sendBuffer: { ...definedOptions(server.sendBuffer), ...definedOptions(route.sendBuffer) },
    receive: { ...definedOptions(server.receive), ...definedOptions(route.receive) },
    keepalive: { ...definedOptions(server.keepalive), ...definedOptions(route.keepalive) },
  };
}

function resolveConnection(given: ConnectionSettings, pattern: string): ConnectionOptions {
  const defaults = connectionDefaults;
  const options: ConnectionOptions = {
    maxMessageBytes: given.maxMessageBytes ?? defaults.maxMessageBytes,
    maxFragments: given.maxFragments ?? defaults.maxFragments,
    messageTimeoutMs: given.messageTimeoutMs ?? defaults.messageTimeoutMs,
    maxMessagesPerSecond: given.maxMessagesPerSecond ?? defaults.maxMessagesPerSecond,
    maxBytesPerSecond: given.maxBytesPerSecond ?? defaults.maxBytesPerSecond,
    closeTimeoutMs: given.closeTimeoutMs ?? defaults.closeTimeoutMs,
    concurrency: given.concurrency ?? defaults.concurrency,
    sendBuffer: Object.freeze(resolveSendBuffer(definedOptions(given.sendBuffer))),
    receive: Object.freeze(resolveReceive(definedOptions(given.receive))),
    keepalive: Object.freeze({ ...defaults.keepalive, ...definedOptions(given.keepalive) }),
    compression: resolveCompression(given.compression),
  };
  checkMarks(options, pattern);
  return Object.freeze(options);
}

// Whoever sets one mark alone has the others follow, as far as they must.
function resolveSendBuffer(given: Partial<SendBufferOptions>): SendBufferOptions {
  const { sendBuffer: defaults } = connectionDefaults;
  const { maxBufferedBytes = Number.POSITIVE_INFINITY } = given;
  const { highWaterBytes = Math.min(defaults.highWaterBytes, maxBufferedBytes) } = given;
  return {
    ...defaults,
    highWaterBytes,
    lowWaterBytes: Math.min(defaults.lowWaterBytes, lowMark(highWaterBytes)),
    maxBufferedBytes: Math.max(defaults.maxBufferedBytes, highWaterBytes),
    ...given,
  };
}

function resolveReceive(given: Partial<ReceiveOptions>): ReceiveOptions {
  const { receive: defaults } = connectionDefaults;
  const { highWaterMessages = defaults.highWaterMessages, highWaterBytes = defaults.highWaterBytes } = given;
  return {
    ...defaults,
    lowWaterMessages: Math.min(defaults.lowWaterMessages, lowMark(highWaterMessages)),
    lowWaterBytes: Math.min(defaults.lowWaterBytes, lowMark(highWaterBytes)),
    ...given,
  };
}

function lowMark(high: number): number {
  return Math.floor(high / 4);
}

function resolveCompression(given: ConnectionSettings["compression"]): ConnectionOptions["compression"] {
  if (given === undefined || given === false) return null;
  return Object.freeze({ ...compressionDefaults, ...(given === true ? {} : definedOptions(given)) });
}

function checkMarks({ sendBuffer: out, receive: into }: ConnectionOptions, pattern: string): void {
  const at = pattern === "*" ? "" : `routes.${pattern}.`;
  if (out.lowWaterBytes >= out.highWaterBytes)
    throw invalidOption(`${at}sendBuffer.lowWaterBytes`, "must be below highWaterBytes");
  if (out.maxBufferedBytes < out.highWaterBytes) {
    throw invalidOption(`${at}sendBuffer.maxBufferedBytes`, "must not be below highWaterBytes");
  }
  if (into.lowWaterBytes >= into.highWaterBytes)
    throw invalidOption(`${at}receive.lowWaterBytes`, "must be below highWaterBytes");
  if (into.lowWaterMessages >= into.highWaterMessages) {
    throw invalidOption(`${at}receive.lowWaterMessages`, "must be below highWaterMessages");
  }
}
