import type { Resource } from "../pools/index.ts";
import type { Connection, SendOptions, ServerStats } from "../transport/index.ts";
import type { CloseOptions, CloseResult } from "./drain.ts";
import type { ConnectionGroup } from "./group-registry.ts";

/** A server. */
export interface Server {
  /** The open connections. */
  readonly connections: Connections;
  /** The port it listens on; 0 while it doesn't. */
  readonly port: number;
  /** Where clients connect, such as `ws://localhost:8765`; "" while it doesn't listen. */
  readonly url: string;
  /** Every address that it listens on, such as `127.0.0.1:8765`. */
  readonly addresses: readonly string[];
  /** Resolves when it has closed. */
  readonly closed: Promise<void>;
  /** What it was given as `resources`. */
  readonly resources: readonly Resource[];
  /** What it may hold, as resolved from the options and the machine. */
  readonly limits: EffectiveLimits;
  /**
   * Opens the resources, and begins to listen. Where a resource that is required can't be opened, the server and the other resources
   * are closed.
   *
   * @param port @default the option `port`
   * @param host @default the option `host`
   * @throws SLUICE_INVALID_OPTION, SLUICE_ADDRESS_IN_USE, SLUICE_ADDRESS_UNAVAILABLE, SLUICE_ALREADY_LISTENING, SLUICE_SERVER_CLOSED;
   * what a resource throws
   */
  listen(port?: number, host?: string): Promise<void>;
  /** The group of this name; it comes into being with its first member. */
  group(name: string): ConnectionGroup;
  /**
   * Sends a message to all connections, encoded once.
   *
   * @throws SLUICE_INVALID_MESSAGE for anything else than a string or a Uint8Array.
   */
  broadcast(message: string | Uint8Array, options?: SendOptions): void;
  /** Counters and gauges. */
  stats(): Stats;
  /**
   * Stops accepting, flushes, sends clients away with 1001 spread over a while, lets plain HTTP requests that are being answered end, and
   * cuts what is left at the deadline; then closes the resources. Once; a second call waits for the first.
   *
   * @throws SLUICE_INVALID_OPTION, and nothing is closed
   */
  close(options?: CloseOptions): Promise<CloseResult>;
}

/** The open connections, as they are while they are gone through. */
export interface Connections extends Iterable<Connection> {
  /** How many there are. */
  readonly size: number;
}

/** What a server may hold, after what was left to the machine has been asked of it. */
export interface EffectiveLimits {
  /** Connections open at a time. */
  readonly maxConnections: number;
  /** Bytes buffered for all connections together, in and out. */
  readonly maxBufferedBytes: number;
}

/** The counters of the engine, and what it holds at this moment. */
export interface Stats extends ServerStats {
  /** Bytes buffered for all connections together, in and out. */
  readonly bufferedBytes: number;
  /** Flushes so far, each of everything that was pending. */
  readonly flushes: number;
  /** Connections cut so far because all together held more than `maxBufferedBytes`. */
  readonly shed: number;
}
