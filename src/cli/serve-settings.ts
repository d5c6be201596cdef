import { MAX_TIMER_MS } from "../internal/within.ts";
import type { ServerOptions } from "../server/index.ts";
import { type LogLevel, logLevels } from "./log.ts";
import {
  byteCount,
  choice,
  list,
  orNone,
  type SettingKind,
  text,
  toggle,
  wholeNumber,
  wordOrList,
} from "./setting-kinds.ts";

/** One setting of `sluice serve`. Its key, in kebab-case, is its flag; in upper case after `SLUICE_`, its variable. */
export interface Setting {
  /** Where it stands in a configuration file, which has the shape of the options in code. */
  readonly path: string;
  readonly kind: SettingKind<unknown>;
  /** Under which heading the help lists it. */
  readonly heading: Heading;
  /** One line of help, without the default. */
  readonly summary: string;
  /** As the help says it. */
  readonly fallback: string;
}

type Heading = (typeof headings)[number];

const headings = [
  "Where:",
  "Who may connect:",
  "Limits of the server:",
  "Limits of a connection:",
  "Buffers and flushing:",
  "Keepalive:",
  "Draining:",
  "The demo:",
  "Else:",
] as const;

// More would make a timer that is due at once.
const timerMs = wholeNumber(0, MAX_TIMER_MS);

/** Every setting there is. What `ServerOptions` says in full is said here in a line. */
export const serveSettings: Readonly<Record<string, Setting>> = Object.freeze({
  ...under("Where:", {
    host: at("host", text("name"), "what to listen on; localhost is both loopback addresses", "localhost"),
    port: at("port", wholeNumber(0, 65_535), "0 for any that is free", "8765"),
    tlsCert: at(
      "tls.cert",
      text("file"),
      "certificate chain in PEM; with --tls-key it serves https and wss",
      "no TLS",
    ),
    tlsKey: at("tls.key", text("file"), "private key in PEM", "no TLS"),
    transport: at(
      "transport",
      choice(["auto", "portable"]),
      "auto, or portable, which keeps to Node's public interfaces",
      "auto",
    ),
  }),
  ...under("Who may connect:", {
    origins: at(
      "origins",
      wordOrList(["same-origin", "any"], list("origin,…")),
      "pages that may connect: any lets every website in, with its visitors' cookies",
      "same-origin",
    ),
    hosts: at(
      "hosts",
      wordOrList(["any"], list("name,…")),
      "names in the Host header by which pages may reach it",
      "loopback names on loopback, else any",
    ),
    maxConnectionsPerAddress: at(
      "limits.maxConnectionsPerAddress",
      orNone(wholeNumber(1)),
      "more of one address are refused (429)",
      "1024",
    ),
    exemptAddresses: at(
      "limits.exemptAddresses",
      list("address,…"),
      "addresses and subnets without it",
      "none",
    ),
  }),
  ...under("Limits of the server:", {
    maxConnections: at(
      "limits.maxConnections",
      wholeNumber(1),
      "more are refused (503)",
      "by the limit on open files",
    ),
    maxBufferedBytes: at(
      "limits.maxBufferedBytes",
      byteCount(1),
      "of all connections together, in and out",
      "a quarter of memory, at most 1GiB",
    ),
    handshakeTimeoutMs: at(
      "limits.handshakeTimeoutMs",
      wholeNumber(1),
      "for a handshake, TLS included (408)",
      "10000",
    ),
    maxHeaderBytes: at("limits.maxHeaderBytes", byteCount(256), "of a request's head (431)", "16KiB"),
    maxHeaderCount: at("limits.maxHeaderCount", wholeNumber(1), "of a request's header fields (431)", "100"),
    retryAfterSeconds: at(
      "retryAfterSeconds",
      wholeNumber(0),
      "what a client that finds no room is told to wait",
      "5",
    ),
  }),
  ...under("Limits of a connection:", {
    maxMessageBytes: at("maxMessageBytes", byteCount(1), "of one message (1009)", "1MiB"),
    maxFragments: at("maxFragments", wholeNumber(1), "frames of one message (1008)", "1024"),
    messageTimeoutMs: at(
      "messageTimeoutMs",
      wholeNumber(1),
      "from a message's first frame to its last (1008)",
      "60000",
    ),
    maxMessagesPerSecond: at("maxMessagesPerSecond", orNone(wholeNumber(1)), "from one peer (1008)", "none"),
    maxBytesPerSecond: at("maxBytesPerSecond", orNone(byteCount(1)), "from one peer (1008)", "none"),
    closeTimeoutMs: at("closeTimeoutMs", wholeNumber(1), "for the answer to a close frame", "5000"),
  }),
  ...under("Buffers and flushing:", {
    slowConsumer: at(
      "sendBuffer.slowConsumer",
      choice(["wait", "dropOldest", "dropNewest", "latest", "close"]),
      "what becomes of messages for a slow reader: wait, dropOldest, dropNewest, latest or close",
      "wait",
    ),
    sendHighWaterBytes: at(
      "sendBuffer.highWaterBytes",
      byteCount(1),
      "at which a peer counts as slow",
      "1MiB",
    ),
    sendLowWaterBytes: at("sendBuffer.lowWaterBytes", byteCount(0), "at which it no longer does", "256KiB"),
    sendMaxBytes: at("sendBuffer.maxBufferedBytes", byteCount(1), "at which wait closes it (1013)", "4MiB"),
    flushBytes: at("sendBuffer.flushBytes", byteCount(1), "that are written at once", "64KiB"),
    maxFlushDelayMs: at("maxFlushDelayMs", wholeNumber(0), "that frames are gathered for under load", "5"),
    receiveHighWaterMessages: at("receive.highWaterMessages", wholeNumber(1), "at which reading stops", "64"),
    receiveLowWaterMessages: at("receive.lowWaterMessages", wholeNumber(0), "at which it goes on", "16"),
    receiveHighWaterBytes: at("receive.highWaterBytes", byteCount(1), "at which reading stops", "128KiB"),
    receiveLowWaterBytes: at("receive.lowWaterBytes", byteCount(0), "at which it goes on", "32KiB"),
    compression: at("compression", toggle, "permessage-deflate, for clients that offer it", "off"),
  }),
  ...under("Keepalive:", {
    pingIntervalMs: at(
      "keepalive.pingIntervalMs",
      orNone(wholeNumber(1)),
      "of silence before a ping",
      "20000",
    ),
    pongTimeoutMs: at("keepalive.pongTimeoutMs", wholeNumber(1), "for any answer to it", "20000"),
    idleTimeoutMs: at(
      "keepalive.idleTimeoutMs",
      orNone(wholeNumber(1)),
      "of silence before a close (1001)",
      "120000",
    ),
  }),
  ...under("Draining:", {
    drainNoticeMs: at("drain.noticeMs", timerMs, "of 503 at /health before it stops accepting", "0"),
    drainMs: at("drain.drainMs", timerMs, "before what is still open is cut", "10000"),
    drainSpreadMs: at("drain.spreadMs", timerMs, "over which clients are sent away", "2000, or 2 a client"),
  }),
  ...under("The demo:", {
    database: at(
      "database",
      text("url"),
      "where the chat at / and /query keep things, such as sqlite:chat.db, postgres://… or mysql://…",
      "sqlite::memory:, gone when it ends",
    ),
    demo: at("demo", toggle, "/query, which answers an id with one of 10,000 users from the database", "off"),
  }),
  ...under("Else:", {
    page: at("page", toggle, "the page at /, with its live figures, its chat and /stats", "on"),
    logLevel: at(
      "logLevel",
      choice(logLevels),
      `what is written to stderr, from ${logLevels.join(", ")}`,
      "info",
    ),
  }),
});

/** The settings as options: `ServerOptions`, and what is the command's own. */
export interface ServeOptions
  extends Omit<
    ServerOptions,
    "handler" | "routes" | "http" | "resources" | "server" | "tls" | "authenticate" | "onError"
  > {
  /** Files in PEM. */
  readonly tls?: { readonly cert?: string; readonly key?: string };
  /** As `Server.close` takes it, with a time of notice before. */
  readonly drain?: { readonly noticeMs?: number; readonly drainMs?: number; readonly spreadMs?: number };
  /** The URL of the database that the chat and `/query` keep things in. */
  readonly database?: string;
  /** Whether `/query` is served. */
  readonly demo?: boolean;
  /** Whether the page at `/` is served. */
  readonly page?: boolean;
  /** What is written to stderr. */
  readonly logLevel?: LogLevel;
}

/** Settings by their keys, each of the type that its kind says. */
export type SettingValues = Readonly<Record<string, unknown>>;

/** Puts each setting in its place. */
export function serveOptions(values: SettingValues): ServeOptions {
  const options: Record<string, unknown> = {};
  for (const [key, { path }] of Object.entries(serveSettings)) {
    if (values[key] === undefined) continue;
    const [first, second] = path.split(".") as [string, string?];
    if (second === undefined) options[first] = values[key];
    else options[first] = { ...(options[first] as object | undefined), [second]: values[key] };
  }
  return options;
}

/** `maxConnections` as a flag: `--max-connections`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `maxConnections` as a variable: `SLUICE_MAX_CONNECTIONS`. */
export function variableOf(key: string): string {
  return `SLUICE_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

type Unheaded = Omit<Setting, "heading">;

function at(path: string, kind: SettingKind<unknown>, summary: string, fallback: string): Unheaded {
  return { path, kind, summary, fallback };
}

function under(heading: Heading, settings: Readonly<Record<string, Unheaded>>): Record<string, Setting> {
  return Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, { ...setting, heading }]));
}
