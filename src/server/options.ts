import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { TlsOptions } from "node:tls";
import type { Resource } from "../pools/index.ts";
import type {
  Callbacks,
  CompressionOptions,
  Connection,
  ConnectionOptions,
  ConnectionRequest,
  Handler,
  KeepaliveOptions,
  ReceiveOptions,
  SendBufferOptions,
} from "../transport/index.ts";
import type { UpgradeRequest } from "../websocket/index.ts";
import type { HandshakeRefusal } from "./refuse.ts";

/** A request to open, as `authenticate` and `subprotocols` see it. */
export interface HandshakeRequest
  extends ConnectionRequest,
    Pick<UpgradeRequest, "subprotocols" | "origin" | "host"> {}

/** Lets a request in, with the data for its connection, or refuses it. If it throws, the answer is 500 and the error is reported. */
export type Authenticate<Data = unknown> = (
  request: HandshakeRequest,
) => Data | HandshakeRefusal | PromiseLike<Data | HandshakeRefusal>;

/** Which subprotocols are spoken: by preference, or chosen from those offered. */
export type Subprotocols =
  | readonly string[]
  | ((offered: readonly string[], request: HandshakeRequest) => string | undefined);

/**
 * Which pages may connect. Requests without an Origin header don't come from a page, and aren't concerned.
 *
 * - `same-origin`: pages that this server, or its proxy under the same name, has served.
 * - `any`: every page there is, with the cookies of whoever visits it: for services that don't go by cookies or by network.
 * - a list of origins such as `https://example.com`, compared exactly.
 */
export type Origins = "same-origin" | "any" | readonly string[];

/** What a route may set for its connections; what it doesn't, is as for the server. */
export interface RouteSettings<Data = unknown> extends ConnectionSettings {
  /** Lets requests in, with the data for `socket.data`. @default lets all in */
  readonly authenticate?: Authenticate<Data>;
  /** Subprotocols by preference, or a function that chooses among those offered; where none fits, none is agreed on. @default none */
  readonly subprotocols?: Subprotocols;
  /** Which pages may connect: those of this server's own origin, `any`, or a list of origins (403). @default "same-origin" */
  readonly origins?: Origins;
}

/** A route with its own settings. */
export interface RouteOptions<Data = unknown> extends RouteSettings<Data> {
  /** An async function per connection, or callbacks. */
  readonly handler: Handler<NoInfer<Data>> | Callbacks<NoInfer<Data>>;
}

/** Callbacks alone, for a route without options of its own. */
export type RouteCallbacks<Data = unknown> = Callbacks<Data> & {
  readonly [Name in keyof RouteOptions]?: never;
};

/** The settings of connections: as `ConnectionOptions`, but all of it may be left out. */
export interface ConnectionSettings
  extends Partial<Omit<ConnectionOptions, "sendBuffer" | "receive" | "keepalive" | "compression">> {
  /** See `SendBufferOptions`. */
  readonly sendBuffer?: Partial<SendBufferOptions>;
  /** See `ReceiveOptions`. */
  readonly receive?: Partial<ReceiveOptions>;
  /** See `KeepaliveOptions`. */
  readonly keepalive?: Partial<KeepaliveOptions>;
  /** Permessage-deflate: true for the defaults of `CompressionOptions`. Messages to groups and broadcasts always go as they are: they are encoded once for all. @default false */
  readonly compression?: boolean | Partial<CompressionOptions>;
}

/** Limits of the server as a whole. */
export interface ServerLimits {
  /** The most connections, open or opening (503 with Retry-After). @default the limit on open files, less a reserve of 5 % (32 to 1,024) */
  readonly maxConnections: number;
  /** The most connections from one address, or from one /64 of IPv6 (429); null for no limit. @default 1_024 */
  readonly maxConnectionsPerAddress: number | null;
  /** Addresses and subnets (`10.0.0.0/8`) without that limit: your proxies. Loopback never has it. @default [] */
  readonly exemptAddresses: readonly string[];
  /** A handshake must be done in so many milliseconds, `authenticate` included (408); a TLS handshake has as long before it. @default 10_000 */
  readonly handshakeTimeoutMs: number;
  /** The largest head of a request, in bytes (431). @default 16_384 */
  readonly maxHeaderBytes: number;
  /** The most header fields of a request (431). @default 100 */
  readonly maxHeaderCount: number;
  /** The most bytes that all connections together may have buffered, in and out; the largest holders are cut first, without a close frame. @default a quarter of the memory, at most 1 GiB */
  readonly maxBufferedBytes: number;
}

/** How a server is made. */
export interface ServerOptions<Data = unknown> extends RouteSettings<Data> {
  /** Serves the paths that no route matches. @default none: they are refused (404) */
  readonly handler?: Handler<NoInfer<Data>> | Callbacks<NoInfer<Data>>;
  /** Handlers by path: `/echo`, `/group/:name`, `/files/*`. The first that matches counts, exact ones before all others. One with options of its own has its callbacks in `handler`. @default none */
  readonly routes?: Readonly<
    Record<string, Handler<NoInfer<Data>> | RouteCallbacks<NoInfer<Data>> | RouteOptions<NoInfer<Data>>>
  >;
  /** Databases, caches and workers: opened before it listens, which one that is `required` stops if it can't be; closed after the last connection, the last one first. With `server`, they open when they are first used. @default [] */
  readonly resources?: readonly Resource[];
  /** Answers what isn't a WebSocket; it may be async. What it throws ends its own request (500), and is reported. A connection on which nothing moves for three times `handshakeTimeoutMs` is cut. @default 426 on a route's path, 404 elsewhere */
  readonly http?: (request: IncomingMessage, response: ServerResponse) => unknown;
  /** Serves TLS: `key` and `cert`, or whatever else `tls.createServer` takes. @default none */
  readonly tls?: TlsOptions;
  /** Takes the upgrades of this HTTP server, instead of listening. Where others listen to its upgrades too, those on paths without a route are theirs; one that nobody has written to, or begun to read from, in six times `handshakeTimeoutMs` is refused (404). @default none */
  readonly server?: HttpServer;
  /** What to listen on; `localhost` stands for both loopback addresses. @default "localhost" */
  readonly host?: string;
  /** The port to listen on; 0 for any that is free. @default 8765 */
  readonly port?: number;
  /** Names by which pages may reach this server, as in the Host header without its port: against DNS rebinding. In any case, and with the letters of any language. @default loopback names while it listens on loopback only, else any */
  readonly hosts?: readonly string[] | "any";
  /** See `ServerLimits`. */
  readonly limits?: Partial<ServerLimits>;
  /** While the loop is busy, frames are gathered for up to so many milliseconds before they are written; 0 for never longer than one turn of the loop. @default 5 */
  readonly maxFlushDelayMs?: number;
  /** How long a client that finds no room is told to wait, in seconds. @default 5 */
  readonly retryAfterSeconds?: number;
  /** `portable` keeps to Node's public interfaces; `auto` uses the TCP handle where it can. `SLUICE_TRANSPORT` overrides it. @default "auto" */
  readonly transport?: "auto" | "portable";
  /** Told of each handler that threw, each `authenticate` and each `http` too (without a socket), and of resources that can't be opened or closed. It may be async; what it throws itself is written to stderr. @default writes a line to stderr */
  readonly onError?: (error: unknown, socket: Connection | undefined) => void;
}
