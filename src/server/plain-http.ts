import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { isThenable } from "../internal/thenable.ts";
import type { ByteStream } from "../transport/index.ts";
import type { ServerLimits } from "./options.ts";

/** What plain HTTP needs. */
export interface PlainHttpOptions {
  readonly limits: ServerLimits;
  /** Answers a request; it may be async. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => unknown;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Told of an answer that threw or rejected. */
  readonly onError: (error: unknown) => void;
}

// How often at the least an http.Server looks for requests that take too long.
const CHECK_INTERVAL_MS = 5_000;
// How long a connection is kept for another request.
const KEEP_ALIVE_MS = 5_000;

/**
 * Serves what isn't a WebSocket, by an ordinary `http.Server` that doesn't listen itself: it is given connections whose first request
 * turned out to be plain HTTP. A later request on one of them may still ask for an upgrade.
 */
export class PlainHttp {
  readonly #options: PlainHttpOptions;
  readonly #server: HttpServer;
  // What is to be called when a socket is gone, or is plain HTTP no longer.
  readonly #onGone = new WeakMap<Duplex, () => void>();

  constructor(options: PlainHttpOptions) {
    const { limits } = options;
    this.#options = options;
    this.#server = createServer({
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.handshakeTimeoutMs,
      requestTimeout: limits.handshakeTimeoutMs * 3,
      keepAliveTimeout: Math.min(KEEP_ALIVE_MS, limits.handshakeTimeoutMs),
      connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, limits.handshakeTimeoutMs),
    });
    this.#server.maxHeadersCount = limits.maxHeaderCount;
    this.#server.timeout = limits.handshakeTimeoutMs * 3;
    this.#server.on("request", (request, response) => this.#answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    // An http.Server looks at its timeouts from here on; this one never listens.
    this.#server.emit("listening");
  }

  /** Serves a connection. @param onGone Called when it is gone. */
  serve(stream: ByteStream, read: Buffer, onGone: () => void): void {
    const socket = stream.toSocket(read);
    socket.once("close", onGone);
    this.#onGone.set(socket, onGone);
    this.#server.emit("connection", socket);
    socket.resume();
  }

  /** Lets requests in progress end; what is idle is closed. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Cuts what is left. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    try {
      const result = this.#options.onRequest(request, response);
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.#onFailed(response, error));
    } catch (error) {
      this.#onFailed(response, error);
    }
  }

  // It ends its own request, and nothing else.
  #onFailed(response: ServerResponse, error: unknown): void {
    if (response.headersSent) response.destroy();
    else {
      response.writeHead(500, { Connection: "close", "Content-Type": "text/plain; charset=utf-8" });
      response.end("The request could not be answered\n");
    }
    this.#options.onError(error);
  }

  // From here on it is a connection as any other, and counted as one, not twice.
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onGone = this.#onGone.get(socket);
    if (onGone !== undefined) {
      socket.off("close", onGone);
      onGone();
    }
    this.#options.onUpgrade(request, socket, head);
  }
}
