/** What the bench can do. */
export const benchModes = ["echo", "fanout", "rate", "connect", "idle"] as const;

/** One of {@link benchModes}. */
export type BenchMode = (typeof benchModes)[number];

/** What is measured, and how. */
export interface BenchOptions {
  /** `ws://` or `wss://`; in its path and query, `%r` stands for the connection's group and `%i` for its number. */
  readonly url: string;
  /**
   * `echo`: a closed loop, {@link depth} messages outstanding on each connection. `fanout`: each member of a group sends one
   * message, and all of them again once each has received all. `rate`: an open loop, {@link rate} messages a second.
   * `connect`: handshakes. `idle`: connections that are only held.
   *
   * @default "echo"
   */
  readonly mode?: BenchMode;
  /** @default 100 */
  readonly connections?: number;
  /** How long is measured, in seconds. @default 10 */
  readonly durationSeconds?: number;
  /** How long the same goes on before that, in seconds. @default 1; 0 for idle */
  readonly warmupSeconds?: number;
  /** Messages outstanding on a connection, for echo. @default 1 */
  readonly depth?: number;
  /** Bytes that `%p` pads a message to. @default 20 */
  readonly size?: number;
  /** Messages a second on all connections together, for rate. @default 1000 */
  readonly rate?: number;
  /**
   * Connection i is in group i modulo this, and a message goes to its sender's whole group. Without it, rate expects one
   * answer to a message.
   *
   * @default 1 for fanout, else none
   */
  readonly groups?: number;
  /**
   * `%t` time marker, `%i` the connection's number, `%r` its group, `%n` a growing number of ten digits, `%p` padding up to
   * {@link size}, `%%` a percent sign.
   *
   * @default "%t%p"
   */
  readonly message?: string;
  /** Templates of what a connection says first: the first once it is open, the others once all are. @default [] */
  readonly hello?: readonly string[];
  /** `RECEIVED=REPLY`: a message that is equal to the one is answered with the other, and isn't counted. @default none */
  readonly answer?: string;
  /** Offered in the handshake. @default [] */
  readonly subprotocols?: readonly string[];
  /** Further headers of the handshake. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** So many of the connections, the first ones, stop reading once they are open. @default 0 */
  readonly slow?: number;
  /** Send binary messages. @default false */
  readonly binary?: boolean;
  /** Processes that share the connections. @default as many as the connections need */
  readonly processes?: number;
  /** Handshakes under way at a time, in all processes together. @default 128; for connect, the number of connections */
  readonly concurrency?: number;
  /** A handshake that takes longer is given up, in seconds. @default 10 */
  readonly connectTimeoutSeconds?: number;
  /** For connect: close with a closing handshake, rather than drop the connection. @default false */
  readonly close?: boolean;
  /** The server's process, whose CPU time and memory are to be reported; Linux only. @default none */
  readonly pid?: number;
  /** Take targets that aren't loopback addresses. @default false */
  readonly allowRemote?: boolean;
  /** Take any certificate. @default false */
  readonly insecure?: boolean;
}

/** All options, filled and checked. Nothing in them gets lost on the way to another process. */
export interface ResolvedBenchOptions {
  readonly url: string;
  readonly mode: BenchMode;
  readonly connections: number;
  readonly durationSeconds: number;
  readonly warmupSeconds: number;
  readonly depth: number;
  readonly size: number;
  readonly rate: number;
  readonly groups: number;
  /** Whether a message goes to a group. */
  readonly hasGroups: boolean;
  readonly message: string;
  readonly hello: readonly string[];
  readonly answer?: { readonly prompt: string; readonly reply: string };
  readonly subprotocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly slow: number;
  readonly binary: boolean;
  readonly processes: number;
  readonly concurrency: number;
  readonly connectTimeoutSeconds: number;
  readonly close: boolean;
  readonly pid?: number;
  readonly allowRemote: boolean;
  readonly insecure: boolean;
}
