import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { channels } from "../diagnostics/index.ts";
import { checkOptions, SluiceError } from "../errors/index.ts";
import { Deferred } from "../internal/deferred.ts";
import { isThenable } from "../internal/thenable.ts";
import { MAX_TIMER_MS, within } from "../internal/within.ts";
import type { Resource } from "../pools/index.ts";
import {
  Admission,
  type ByteStream,
  checkMessage,
  DuplexStream,
  Engine,
  FrontDoor,
  Listener,
  type SendOptions,
  type WebSocketConnection,
} from "../transport/index.ts";
import { type CloseOptions, type CloseResult, closeDeadline, drain } from "./drain.ts";
import { ServerGate } from "./gate.ts";
import { type ConnectionGroup, GroupRegistry, NamedGroup } from "./group-registry.ts";
import { closeSchema, listenSchema } from "./option-schemas.ts";
import { defaultHosts } from "./origin-check.ts";
import { PlainHttp } from "./plain-http.ts";
import { reportError } from "./report-error.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { ResourceSet } from "./resource-set.ts";
import { Router } from "./router.ts";
import type { Connections, EffectiveLimits, Server, Stats } from "./server.ts";
import { UnclaimedUpgrade } from "./unclaimed-upgrade.ts";

// How often handshakeTimeoutMs others have, on a shared server, to take a request that is none of ours: they may have to authenticate it,
// and have a time limit of their own.
const CLAIM_TIMES = 6;

type State = "new" | "listening" | "closing" | "closed";

/** Joins the rooms: options to a running server. */
export class WebSocketServer implements Server {
  readonly #options: ResolvedOptions;
  readonly #engine: Engine;
  readonly #admission: Admission;
  readonly #door: FrontDoor;
  readonly #http: PlainHttp;
  readonly #router: Router;
  readonly #groups: GroupRegistry;
  readonly #resources: ResourceSet;
  readonly #gone = new Deferred();
  #listener: Listener | null = null;
  #host: string;
  #state: State = "new";
  #closing: Promise<CloseResult> | null = null;

  // Other listeners of a shared server may serve the paths that are none of ours.
  readonly #onSharedUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const path = (request.url ?? "").split("?")[0] as string;
    const others = (this.#options.server?.listenerCount("upgrade") ?? 0) > 1;
    if (!others || this.#router.find(path) !== undefined) return this.#onUpgrade(request, socket, head);
    const answer = (): void => this.#onUpgrade(request, socket, head);
    const unclaimed = new UnclaimedUpgrade(this.#engine.wheel, socket, answer);
    unclaimed.wait(this.#options.limits.handshakeTimeoutMs * CLAIM_TIMES);
  };

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#admission = new Admission(options.limits);
    this.#engine = new Engine({
      maxFlushDelayMs: options.maxFlushDelayMs,
      maxBufferedBytes: options.limits.maxBufferedBytes,
      onError: (error, socket) => this.#report(error, socket),
      onGone: (socket) => this.#admission.leave(socket.request.remoteAddress),
    });
    this.#groups = new GroupRegistry(this.#engine);
    this.#resources = new ResourceSet(options.resources, (error) => this.#report(error, undefined));
    this.#router = new Router(options.routes, options.fallback);
    const gate = new ServerGate(this.#router, () => this.#hosts());
    this.#http = new PlainHttp({
      limits: options.limits,
      onRequest: (request, response) => this.#onRequest(request, response),
      onUpgrade: (request, socket, head) => this.#onUpgrade(request, socket, head),
      onError: (error) => this.#report(error, undefined),
    });
    this.#door = new FrontDoor(
      { ...options.limits, retryAfterSeconds: options.retryAfterSeconds },
      {
        engine: this.#engine,
        admission: this.#admission,
        gate: (request, peer) => gate.decide(request, peer),
        plainHttp: (stream, read) => this.#servePlainHttp(stream, read),
        onGateError: (error) => this.#report(error, undefined),
      },
    );
    options.server?.on("upgrade", this.#onSharedUpgrade);
  }

  get connections(): Connections {
    return this.#engine.connections;
  }

  get resources(): readonly Resource[] {
    return this.#resources.all;
  }

  get limits(): EffectiveLimits {
    const { maxConnections, maxBufferedBytes } = this.#options.limits;
    return { maxConnections, maxBufferedBytes };
  }

  get port(): number {
    return this.#boundAddresses()[0]?.port ?? 0;
  }

  get url(): string {
    const [first] = this.#boundAddresses();
    if (first === undefined) return "";
    const { server, tls } = this.#options;
    const host = server === undefined ? this.#host : first.address;
    const name = isWildcard(host) ? "localhost" : host;
    const encrypted = server === undefined ? tls !== undefined : "setSecureContext" in server;
    return `${encrypted ? "wss" : "ws"}://${name.includes(":") ? `[${name}]` : name}:${first.port}`;
  }

  get addresses(): readonly string[] {
    return this.#boundAddresses().map(({ address, port }) =>
      address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
    );
  }

  get closed(): Promise<void> {
    return this.#gone.promise;
  }

  async listen(port: number = this.#options.port, host: string = this.#options.host): Promise<void> {
    if (this.#isClosing) throw new SluiceError("SLUICE_SERVER_CLOSED");
    const reason = this.#reasonNotToListen();
    if (reason !== undefined) throw new SluiceError("SLUICE_ALREADY_LISTENING", { reason });
    checkOptions(listenSchema, { port, host });
    this.#state = "listening";
    this.#host = host;
    // Without any, it begins to listen before it returns.
    if (this.resources.length > 0) await this.#openResources();
    const { tls = null, transport, limits } = this.#options;
    const { handshakeTimeoutMs, maxConnections } = limits;
    const listener = new Listener({
      tls,
      transport,
      handshakeTimeoutMs,
      maxConnections,
      onStream: (stream) => this.#door.accept(stream),
    });
    try {
      await listener.listen(host, port);
    } catch (error) {
      if (!this.#isClosing) this.#state = "new";
      throw error;
    }
    if (this.#isClosing) {
      await listener.close();
      throw new SluiceError("SLUICE_SERVER_CLOSED");
    }
    this.#listener = listener;
    const { addresses } = this;
    if (channels.serverListening.hasSubscribers)
      channels.serverListening.publish({ server: this, addresses });
  }

  group(name: string): ConnectionGroup {
    return new NamedGroup(name, this.#groups);
  }

  broadcast(message: string | Uint8Array, options?: SendOptions): void {
    checkMessage(message);
    this.#engine.broadcast(message, options?.key ?? "");
  }

  stats(): Stats {
    const { stats, budget, flusher } = this.#engine;
    budget.recount();
    return {
      ...structuredClone(stats),
      bufferedBytes: budget.heldBytes,
      flushes: flusher.flushes,
      shed: budget.shed,
    };
  }

  close(options: CloseOptions = {}): Promise<CloseResult> {
    try {
      checkOptions(closeSchema, options);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  get #isClosing(): boolean {
    return this.#state === "closing" || this.#state === "closed";
  }

  #reasonNotToListen(): string | undefined {
    if (this.#options.server !== undefined)
      return "the http.Server that was given as the option server listens for it";
    if (this.#state !== "listening") return undefined;
    return this.#listener === null
      ? "this server is about to listen already"
      : `this server is listening on ${this.url} already`;
  }

  async #openResources(): Promise<void> {
    try {
      await this.#resources.open();
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#isClosing) throw new SluiceError("SLUICE_SERVER_CLOSED");
  }

  async #close(options: CloseOptions): Promise<CloseResult> {
    this.#state = "closing";
    const deadline = closeDeadline(options);
    if (channels.serverClosing.hasSubscribers) channels.serverClosing.publish({ server: this, ...options });
    this.#door.close();
    await this.#listener?.close();
    const [result] = await Promise.all([
      drain(this.#engine.connections, options),
      within(deadline - performance.now(), this.#http.close()),
    ]);
    this.#http.cut();
    this.#door.cut();
    this.#engine.stop();
    this.#options.server?.off("upgrade", this.#onSharedUpgrade);
    // Whatever they wait with, it is to be no more than a timer takes.
    await this.#resources.close(Math.min(deadline, performance.now() + MAX_TIMER_MS));
    this.#state = "closed";
    this.#gone.resolve();
    return result;
  }

  #boundAddresses(): AddressInfo[] {
    const shared = this.#options.server?.address();
    if (typeof shared === "object" && shared !== null) return [shared];
    return this.#listener?.addresses ?? [];
  }

  #hosts(): readonly string[] | undefined {
    const { hosts, server } = this.#options;
    if (hosts === "any") return undefined;
    if (hosts !== undefined) return hosts;
    return server === undefined ? defaultHosts(this.#host) : undefined;
  }

  #servePlainHttp(stream: ByteStream, read: Buffer): void {
    const { remoteAddress } = stream;
    this.#http.serve(stream, read, () => this.#admission.leave(remoteAddress));
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): unknown {
    if (this.#options.http !== undefined) return this.#options.http(request, response);
    const path = (request.url ?? "").split("?")[0] as string;
    const isRoute = this.#router.find(path) !== undefined;
    const headers = isRoute ? { Upgrade: "websocket", "Sec-WebSocket-Version": "13" } : {};
    response.writeHead(isRoute ? 426 : 404, {
      "Content-Type": "text/plain; charset=utf-8",
      ...headers,
      // Nobody reads a body here: one that has no end is not waited for.
      ...(hasBody(request) && { Connection: "close" }),
    });
    return response.end(
      isRoute ? "This is a WebSocket: connect with ws:// or wss://\n" : "Nothing is served at this path\n",
    );
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const version = request.httpVersion === "1.0" ? "1.0" : "1.1";
    const { method = "GET", url: target = "/", rawHeaders } = request;
    this.#door.upgrade(new DuplexStream(socket), { method, target, version, rawHeaders }, head);
  }

  #report(error: unknown, socket: WebSocketConnection | undefined): void {
    try {
      const { onError = reportError } = this.#options;
      const told: unknown = onError(error, socket);
      if (isThenable(told)) told.then(undefined, (failure: unknown) => reportError(failure, socket));
    } catch (failure) {
      reportError(failure, socket);
    }
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
