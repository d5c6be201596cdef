import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { Deferred } from "../internal/deferred.ts";
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

/** A connection, while it is plain HTTP. */
interface Served {
  /** Is to be called when it is gone, or is plain HTTP no longer. */
  readonly onGone: () => void;
  /** Not finished yet: more than one if requests come without waiting for answers. */
  readonly answers: Set<ServerResponse>;
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
  readonly #served = new Map<Duplex, Served>();
  readonly #allGone = new Deferred();
  #isClosing = false;
  #sweep: NodeJS.Immediate | undefined;

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
    socket.once("close", () => this.#leave(socket));
    this.#served.set(socket, { onGone, answers: new Set() });
    this.#server.emit("connection", socket);
    socket.resume();
  }

  /** Lets requests in progress end, and each connection with them; what is idle is closed. Resolves when no connection is left. */
  close(): Promise<void> {
    this.#isClosing = true;
    for (const { answers } of this.#served.values()) announceEnd(answers);
    // Not the server itself yet, which would no longer look for requests that take too long; and not before what has been read is parsed.
    this.#closeIdleSoon();
    if (this.#served.size === 0) this.#allGone.resolve();
    return this.#allGone.promise;
  }

  /** Cuts what is left. */
  cut(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const answers = this.#served.get(request.socket)?.answers ?? new Set();
    answers.add(response);
    response.once("close", () => {
      answers.delete(response);
      if (this.#isClosing) this.#closeIdleSoon();
    });
    if (this.#isClosing) announceEnd(answers);
    try {
      const result = this.#options.onRequest(request, response);
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.#onFailed(response, error));
    } catch (error) {
      this.#onFailed(response, error);
    }
  }

  // A head that had gone out before, or that says something else, keeps its connection. Once for all that end in this turn of the loop.
  #closeIdleSoon(): void {
    this.#sweep ??= setImmediate(() => {
      this.#sweep = undefined;
      this.#server.closeIdleConnections();
    });
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
    this.#leave(socket);
    this.#options.onUpgrade(request, socket, head);
  }

  #leave(socket: Duplex): void {
    const served = this.#served.get(socket);
    if (served === undefined) return;
    this.#served.delete(socket);
    served.onGone();
    if (this.#isClosing && this.#served.size === 0) this.#allGone.resolve();
  }
}

// The newest answer of a connection says that it is the last one: what is behind one that says so is never sent.
function announceEnd(answers: Set<ServerResponse>): void {
  const unsent = [...answers].filter(({ headersSent }) => !headersSent);
  const newest = unsent.pop();
  for (const answer of unsent) answer.removeHeader("Connection");
  newest?.setHeader("Connection", "close");
}
