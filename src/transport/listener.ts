import { type AddressInfo, createServer, type Server as NetServer } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { SluiceError } from "../errors/index.ts";
import type { ByteStream } from "./byte-stream.ts";
import { DuplexStream } from "./duplex-stream.ts";
import { listeningHandleOf } from "./handle-binding.ts";
import { HandleStream, sharedHandlePool } from "./handle-stream.ts";
import type { TransportChoice } from "./transport-choice.ts";

// The kernel takes the smaller of this and net.core.somaxconn: room for a wave of reconnecting clients.
const BACKLOG = 4096;

// How many ports are tried for one that is free on both loopback addresses.
const MAX_PORTS = 8;

// Room for those that are told that there is none.
const REFUSALS = 64;

/** How a listener accepts. */
export interface ListenerOptions {
  /** Serve TLS. */
  readonly tls: TlsOptions | null;
  readonly transport: TransportChoice;
  /** A TLS handshake that takes longer is dropped, in milliseconds. */
  readonly handshakeTimeoutMs: number;
  /** How many connections are let in at a time. They are counted again, and told more politely, once it is known what they want. */
  readonly maxConnections: number;
  /** Takes an accepted connection. */
  readonly onStream: (stream: ByteStream) => void;
}

/** Listens on one or several addresses. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #servers: NetServer[] = [];

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Where it listens. */
  get addresses(): AddressInfo[] {
    return this.#servers.map((server) => server.address() as AddressInfo);
  }

  /**
   * Begins to listen. `localhost` means both loopback addresses, where the machine has both.
   *
   * @throws SLUICE_ADDRESS_IN_USE, SLUICE_ADDRESS_UNAVAILABLE
   */
  async listen(host: string, port: number): Promise<void> {
    if (host !== "localhost") return this.#listenOn(host, port);
    for (let left = port === 0 ? MAX_PORTS : 1; !(await this.#listenOnLoopback(port, left - 1)); left--);
  }

  /** @returns false if the port that the system chose for one family is taken in the other, and more may be tried */
  async #listenOnLoopback(port: number, triesLeft: number): Promise<boolean> {
    await this.#listenOn("127.0.0.1", port);
    const chosen = this.addresses[0]?.port ?? port;
    try {
      await this.#listenOn("::1", chosen);
    } catch (error) {
      if (isMissingFamily(error)) return true;
      await this.close();
      if (triesLeft === 0 || !isTaken(error)) throw error;
      return false;
    }
    return true;
  }

  /** Stops accepting. What was accepted stays. */
  async close(): Promise<void> {
    const servers = this.#servers.splice(0);
    for (const server of servers) server.close();
  }

  async #listenOn(host: string, port: number): Promise<void> {
    const server = this.#createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(listenError(error, host, port)));
      server.listen({ host, port, backlog: BACKLOG }, resolve);
    });
    server.removeAllListeners("error");
    // Failing to accept one connection, such as for want of descriptors, must not end the process.
    server.on("error", () => {});
    this.#servers.push(server);
    this.#takeHandles(server);
  }

  #createServer(): NetServer {
    const { tls, onStream, handshakeTimeoutMs, maxConnections } = this.#options;
    if (tls === null)
      return createServer({ allowHalfOpen: true }, (socket) => onStream(new DuplexStream(socket)));
    const options = {
      ALPNProtocols: ["http/1.1"],
      ...tls,
      handshakeTimeout: handshakeTimeoutMs,
      allowHalfOpen: true,
    };
    const server = createTlsServer(options, (socket) => onStream(new DuplexStream(socket)));
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    // A TLS handshake comes before the admission, so that without this only the descriptors would be its limit.
    server.maxConnections = maxConnections + REFUSALS;
    return server;
  }

  // From here on the listening handle's connections come as handles, without a net.Socket.
  #takeHandles(server: NetServer): void {
    if (this.#options.tls !== null || this.#options.transport === "portable") return;
    const handles = sharedHandlePool();
    const listening = handles === null ? undefined : listeningHandleOf(server, handles.binding);
    if (handles === null || listening === undefined) return;
    const { onStream } = this.#options;
    listening.onconnection = (status, handle) => {
      if (status === 0 && handle !== undefined) onStream(new HandleStream(handle, handles));
    };
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof SluiceError && error.code === "SLUICE_ADDRESS_IN_USE";
}

function isMissingFamily(error: unknown): boolean {
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code === "EADDRNOTAVAIL" || cause?.code === "EAFNOSUPPORT";
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): SluiceError {
  if (error.code === "EADDRINUSE")
    return new SluiceError("SLUICE_ADDRESS_IN_USE", { host, port }, { cause: error });
  return new SluiceError(
    "SLUICE_ADDRESS_UNAVAILABLE",
    { host, port, reason: error.code ?? error.message },
    { cause: error },
  );
}
