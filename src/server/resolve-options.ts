import { totalmem } from "node:os";
import * as z from "zod";
import { SluiceError } from "../errors/index.ts";
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
} from "../transport/index.ts";
import { isSubprotocol } from "../websocket/index.ts";
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
  readonly transport: "auto" | "portable";
  readonly onError: ServerOptions["onError"];
}

const positive = z.int().positive();
const atLeastZero = z.int().nonnegative();
const callable = z.custom<(...args: never) => unknown>(
  (value) => typeof value === "function",
  "must be a function",
);
const handler = z.union([callable, z.looseObject({})], "must be a function or an object of callbacks");

const sendBuffer = z.strictObject({
  highWaterBytes: positive.optional(),
  lowWaterBytes: atLeastZero.optional(),
  maxBufferedBytes: positive.optional(),
  slowConsumer: z.enum(["wait", "dropOldest", "dropNewest", "latest", "close"]).optional(),
  flushBytes: positive.optional(),
});

const receive = z.strictObject({
  highWaterMessages: positive.optional(),
  lowWaterMessages: atLeastZero.optional(),
  highWaterBytes: positive.optional(),
  lowWaterBytes: atLeastZero.optional(),
});

const keepalive = z.strictObject({
  pingIntervalMs: positive.nullable().optional(),
  pongTimeoutMs: positive.optional(),
  idleTimeoutMs: positive.nullable().optional(),
});

const compression = z.strictObject({
  serverNoContextTakeover: z.boolean().optional(),
  clientNoContextTakeover: z.boolean().optional(),
  serverMaxWindowBits: z.int().min(9).max(15).optional(),
  clientMaxWindowBits: z.int().min(8).max(15).optional(),
  level: z.int().min(1).max(9).optional(),
  memLevel: z.int().min(1).max(9).optional(),
  thresholdBytes: atLeastZero.optional(),
  maxRatio: positive.optional(),
});

const routeSettings = {
  maxMessageBytes: positive.optional(),
  maxFragments: positive.optional(),
  messageTimeoutMs: positive.optional(),
  maxMessagesPerSecond: positive.nullable().optional(),
  maxBytesPerSecond: positive.nullable().optional(),
  closeTimeoutMs: positive.optional(),
  concurrency: positive.optional(),
  sendBuffer: sendBuffer.optional(),
  receive: receive.optional(),
  keepalive: keepalive.optional(),
  compression: z.union([z.boolean(), compression]).optional(),
  authenticate: callable.optional(),
  subprotocols: z.union([z.array(z.string().refine(isSubprotocol, "must be a token")), callable]).optional(),
  origins: z
    .union([
      z.literal("same-origin"),
      z.literal("any"),
      z.array(z.string().refine(isOrigin, "must be an origin such as https://example.com")),
    ])
    .optional(),
};

const limits = z.strictObject({
  maxConnections: positive.optional(),
  maxConnectionsPerAddress: positive.nullable().optional(),
  exemptAddresses: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).optional(),
  handshakeTimeoutMs: positive.optional(),
  maxHeaderBytes: z.int().min(256).optional(),
  maxHeaderCount: positive.optional(),
  maxBufferedBytes: positive.optional(),
});

const resource = z.custom<object>(isResource, "must be a resource, such as openDatabase gives");

const routePattern = z.string().regex(/^\/[^?#]*$/, "a route begins with a slash and has neither ? nor #");

const serverOptions = z.strictObject({
  ...routeSettings,
  handler: handler.optional(),
  routes: z.record(routePattern, handler).optional(),
  resources: z.array(resource).optional(),
  http: callable.optional(),
  tls: z.looseObject({}).optional(),
  server: z
    .custom<object>((value) => typeof value === "object" && value !== null, "must be an http.Server")
    .optional(),
  host: z.string().min(1).optional(),
  port: z.int().min(0).max(65535).optional(),
  hosts: z.union([z.literal("any"), z.array(z.string().min(1))]).optional(),
  limits: limits.optional(),
  maxFlushDelayMs: atLeastZero.optional(),
  retryAfterSeconds: atLeastZero.optional(),
  transport: z.enum(["auto", "portable"]).optional(),
  onError: callable.optional(),
});

const routeOptions = z.strictObject({ ...routeSettings, handler });

/**
 * Fills the options with their defaults, and checks all of them once.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  check(serverOptions, options, "");
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
    hosts: options.hosts,
    limits: resolveLimits(options.limits ?? {}),
    maxFlushDelayMs: options.maxFlushDelayMs ?? 5,
    retryAfterSeconds: options.retryAfterSeconds ?? 5,
    transport: transportFromEnvironment() ?? options.transport ?? "auto",
    onError: options.onError,
  };
}

function transportFromEnvironment(): "auto" | "portable" | undefined {
  const value = process.env["SLUICE_TRANSPORT"];
  if (value === undefined || value === "") return undefined;
  if (value === "auto" || value === "portable") return value;
  throw invalid("SLUICE_TRANSPORT", `must be auto or portable, not ${JSON.stringify(value)}`);
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
    ...defined(given),
  };
}

function resolveRoute(
  pattern: string,
  route: Handler | Callbacks | RouteOptions,
  server: ServerOptions,
): Route {
  if (typeof route === "function" || !("handler" in route)) return makeRoute(pattern, route, server);
  check(routeOptions, route, `routes.${pattern}`);
  const { handler: routeHandler, ...settings } = route;
  return makeRoute(pattern, routeHandler, {
    ...server,
    ...defined(settings),
    ...mergeGroups(server, settings),
  });
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
    sendBuffer: { ...defined(server.sendBuffer), ...defined(route.sendBuffer) },
    receive: { ...defined(server.receive), ...defined(route.receive) },
    keepalive: { ...defined(server.keepalive), ...defined(route.keepalive) },
  };
}

// What is given as undefined isn't given: it must not stand in for a default.
function defined<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
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
    sendBuffer: Object.freeze({ ...defaults.sendBuffer, ...defined(given.sendBuffer) }),
    receive: Object.freeze({ ...defaults.receive, ...defined(given.receive) }),
    keepalive: Object.freeze({ ...defaults.keepalive, ...defined(given.keepalive) }),
    compression: resolveCompression(given.compression),
  };
  checkMarks(options, pattern);
  return Object.freeze(options);
}

function resolveCompression(given: ConnectionSettings["compression"]): ConnectionOptions["compression"] {
  if (given === undefined || given === false) return null;
  return Object.freeze({ ...compressionDefaults, ...(given === true ? {} : defined(given)) });
}

function checkMarks({ sendBuffer: out, receive: into }: ConnectionOptions, pattern: string): void {
  const at = pattern === "*" ? "" : `routes.${pattern}.`;
  if (out.lowWaterBytes >= out.highWaterBytes)
    throw invalid(`${at}sendBuffer.lowWaterBytes`, "must be below highWaterBytes");
  if (out.maxBufferedBytes < out.highWaterBytes) {
    throw invalid(`${at}sendBuffer.maxBufferedBytes`, "must not be below highWaterBytes");
  }
  if (into.lowWaterBytes >= into.highWaterBytes)
    throw invalid(`${at}receive.lowWaterBytes`, "must be below highWaterBytes");
  if (into.lowWaterMessages >= into.highWaterMessages) {
    throw invalid(`${at}receive.lowWaterMessages`, "must be below highWaterMessages");
  }
}

function check(schema: z.ZodType, value: unknown, at: string): void {
  const result = schema.safeParse(value);
  if (result.success) return;
  const issue = result.error.issues[0];
  const path = [at, ...(issue?.path.map(String) ?? [])].filter((part) => part !== "").join(".");
  // What is wrong with a key of a record, here a route's pattern, is said one level down.
  const cause = issue?.code === "invalid_key" ? issue.issues[0] : issue;
  const problem = cause?.message ?? "is invalid";
  throw invalid(path === "" ? "options" : path, problem.charAt(0).toLowerCase() + problem.slice(1));
}

function invalid(option: string, problem: string): SluiceError {
  return new SluiceError("SLUICE_INVALID_OPTION", { option, problem });
}

// Told by what is called: it may be one of the application's own. A promise of one is a forgotten await.
function isResource(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, open, close, health } = value as Partial<Resource>;
  return typeof name === "string" && [open, close, health].every((member) => typeof member === "function");
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
