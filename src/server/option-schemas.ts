// What options may be. What they mean, and their defaults, is said where they are declared: options.ts, and the transport's connection-options.ts.

import type { Server as HttpServer } from "node:http";
import * as z from "zod";
import type { Resource } from "../pools/index.ts";
import type { Callbacks } from "../transport/index.ts";
import { isSubprotocol } from "../websocket/index.ts";
import { problemOfRoutePattern } from "./router.ts";

const positive = z.int().positive();
const atLeastZero = z.int().nonnegative();
const callable = z.custom<(...args: never) => unknown>(
  (value) => typeof value === "function",
  "must be a function",
);

const CALLBACK_NAMES: Readonly<Record<keyof Callbacks, true>> = {
  open: true,
  message: true,
  drain: true,
  drop: true,
  ping: true,
  pong: true,
  close: true,
};
// Not an object of zod's, which would be a copy without the methods of a class.
const callbacks = z
  .custom<Readonly<Record<string, unknown>>>((value) => typeof value === "object" && value !== null)
  .superRefine(checkCallbacks);
const handler = z.union([callable, callbacks], "must be a function or an object of callbacks");

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

const origin = z
  .string()
  .refine(
    isOrigin,
    "must be an origin just as browsers send it, such as https://example.com: no path, no wildcard",
  );

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
  compression: z.union([z.boolean(), compression], "must be true, false or an object").optional(),
  authenticate: callable.optional(),
  subprotocols: z
    .union(
      [z.array(z.string().refine(isSubprotocol, "must be a token")), callable],
      "must be a list of names, or a function that chooses one",
    )
    .optional(),
  origins: z
    .union(
      [z.literal("same-origin"), z.literal("any"), z.array(origin)],
      'must be "same-origin", "any" or a list of origins',
    )
    .optional(),
};

const address = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  "must be an address or a subnet, such as 10.0.0.0/8",
);

const limits = z.strictObject({
  maxConnections: positive.optional(),
  maxConnectionsPerAddress: positive.nullable().optional(),
  exemptAddresses: z.array(address, "must be a list of addresses and subnets").optional(),
  handshakeTimeoutMs: positive.optional(),
  maxHeaderBytes: z.int().min(256).optional(),
  maxHeaderCount: positive.optional(),
  maxBufferedBytes: positive.optional(),
});

const host = z
  .string()
  .refine(
    isHostName,
    "must be a name as in the Host header, without its port: example.com, 127.0.0.1, [::1]",
  );

const HOST = "must be a name or an address, such as localhost or 0.0.0.0";
const listenHost = z.string(HOST).min(1, HOST);
const PORT = "must be a whole number from 0 to 65535";
const listenPort = z.int(PORT).min(0, PORT).max(65_535, PORT);

// Infinity is one.
const milliseconds = z.custom<number>(
  (value) => typeof value === "number" && value >= 0,
  "must be a number of milliseconds from 0 up",
);

const routePattern = z.string().superRefine((pattern, context) => {
  const problem = problemOfRoutePattern(pattern);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** The options of a route, beside its handler. */
export const ROUTE_SETTINGS: ReadonlySet<string> = new Set(Object.keys(routeSettings));

/** What a route of its own may be given. */
export const routeSchema: z.ZodType = z.strictObject({ ...routeSettings, handler });

/** What a server may be given. */
export const serverSchema: z.ZodType = z.strictObject({
  ...routeSettings,
  handler: handler.optional(),
  // What is in them is checked one by one: a route is a function, callbacks, or an object of options.
  routes: z
    .record(
      routePattern,
      z.union([callable, z.looseObject({})], "must be a function or an object of callbacks"),
    )
    .optional(),
  resources: z
    .array(z.custom<object>(isResource, "must be a resource, such as openDatabase gives"))
    .optional(),
  http: callable.optional(),
  tls: z.looseObject({}).optional(),
  server: z.custom<object>(isHttpServer, "must be an http.Server or an https.Server").optional(),
  host: listenHost.optional(),
  port: listenPort.optional(),
  hosts: z.union([z.literal("any"), z.array(host)], 'must be "any" or a list of names').optional(),
  limits: limits.optional(),
  maxFlushDelayMs: atLeastZero.optional(),
  retryAfterSeconds: atLeastZero.optional(),
  transport: z.enum(["auto", "portable"]).optional(),
  onError: callable.optional(),
});

/** What `listen` may be given. */
export const listenSchema: z.ZodType = z.strictObject({ host: listenHost, port: listenPort });

/** What `close` may be given. */
export const closeSchema: z.ZodType = z.strictObject(
  { drainMs: milliseconds.optional(), spreadMs: milliseconds.optional() },
  "must be an object, such as { drainMs: 10_000 }",
);

/** What the callbacks of a route may be. */
export const callbacksSchema: z.ZodType = callbacks;

function checkCallbacks(given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  for (const name of Object.keys(CALLBACK_NAMES)) {
    if (given[name] !== undefined && typeof given[name] !== "function")
      context.addIssue({ code: "custom", path: [name], message: "must be a function" });
  }
  // An instance of a class has members of its own; in a plain object another name is a slip.
  if (!isPlain(given)) return;
  for (const name of Object.keys(given).filter((key) => !(key in CALLBACK_NAMES))) {
    const problem = `there is no such callback; there are ${Object.keys(CALLBACK_NAMES).join(", ")}`;
    context.addIssue({ code: "custom", path: [name], message: problem });
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

// Told by what is called: it may be one of the application's own. A promise of one is a forgotten await.
function isResource(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, open, close, health } = value as Partial<Resource>;
  return typeof name === "string" && [open, close, health].every((member) => typeof member === "function");
}

// Told by what is called: an https.Server has no class in common with an http.Server.
function isHttpServer(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { on, off, listenerCount, address } = value as Partial<HttpServer>;
  return [on, off, listenerCount, address].every((member) => typeof member === "function");
}

function isOrigin(text: string): boolean {
  if (text.includes("*") || !URL.canParse(text)) return false;
  const { origin: own } = new URL(text);
  // Apps and extensions have schemes of which URL doesn't know what their origins are: capacitor://localhost.
  return own === "null" ? /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+$/.test(text) : own === text;
}

function isHostName(text: string): boolean {
  return /^(?:\[[\da-f:.]+\]|[^\s:/?#@[\]*]+)$/i.test(text) && URL.canParse(`http://${text}`);
}
