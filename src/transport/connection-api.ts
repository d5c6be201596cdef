import type { Callbacks } from "./callbacks.ts";

/** The request that opened a connection. */
export interface ConnectionRequest {
  /** The request target as it was sent: path and query. */
  readonly url: string;
  /** The path, still percent-encoded. */
  readonly path: string;
  /** What follows the "?"; "" if nothing does. */
  readonly query: string;
  /** What stood in the place of the route's `:names`, decoded; in that of its `*`, under `*` and as it was sent. */
  readonly params: Readonly<Record<string, string>>;
  /** Names and values in turns, as they were sent. */
  readonly rawHeaders: readonly string[];
  /** The address of the TCP peer. No header changes it: what a proxy says about its client is for you to judge. */
  readonly remoteAddress: string;
  /** The port of the TCP peer. */
  readonly remotePort: number;
  /** Whether it came over TLS. */
  readonly encrypted: boolean;
  /** The first value of a header, by its name in any case. */
  header(name: string): string | undefined;
}

/** How a message is sent. */
export interface SendOptions {
  /** Under the `latest` slow-consumer policy: what the message replaces, if one with the same key still waits. */
  readonly key?: string;
}

/** A WebSocket connection, with the data that `authenticate` attached to it. */
export interface Connection<Data = unknown> extends AsyncIterable<string | Buffer, undefined> {
  /** Unique in the process. */
  readonly id: number;
  /** `closing` from the first close frame on, in either direction, until the TCP connection is gone. */
  readonly state: "open" | "closing" | "closed";
  /** Yours. */
  data: Data;
  /** The subprotocol that was agreed on; "" for none. */
  readonly subprotocol: string;
  /** The request that opened it. */
  readonly request: ConnectionRequest;
  /** Bytes that were sent and that the kernel has not taken. */
  readonly bufferedAmount: number;
  /** Aborted when the connection closes, for whatever takes a signal. */
  readonly signal: AbortSignal;
  /** The close code that counts: the peer's if it sent one, ours if not, 1006 if there was none. Undefined while it is open. */
  readonly closeCode: number | undefined;
  /** The reason that belongs to {@link closeCode}. */
  readonly closeReason: string | undefined;
  /** Resolves when the TCP connection is gone. */
  readonly closed: Promise<void>;
  /**
   * Sends a message: a string as text, bytes as binary. It is gathered with others and written at the end of the loop's turn, or
   * later when the loop is busy (`maxFlushDelayMs`). Bytes of 16 KiB and more are not copied: leave them as they are.
   *
   * @returns true if you may go on. False if the send buffer is above its high-water mark (await {@link drained}), the message was
   * dropped by the slow-consumer policy, or the connection isn't open.
   * @throws SLUICE_INVALID_MESSAGE for anything else than a string or a Uint8Array.
   */
  send(message: string | Uint8Array, options?: SendOptions): boolean;
  /** Writes now what has gathered. */
  flush(): void;
  /** Resolves when the send buffer is at its low-water mark, at once if it isn't above the high one, and when the connection closes. */
  drained(): Promise<void>;
  /**
   * Sends a ping. Connections are pinged when they have been silent; this is for your own measurements.
   *
   * @throws SLUICE_INVALID_PING_PAYLOAD over 125 bytes (RFC 6455 §5.5).
   */
  ping(payload?: string | Uint8Array): void;
  /**
   * Begins the close handshake, after what was sent before; the peer has `closeTimeoutMs` to answer.
   *
   * @param code @default 1000
   * @param reason At most 123 bytes of UTF-8. @default ""
   * @throws SLUICE_INVALID_CLOSE_CODE, SLUICE_INVALID_CLOSE_REASON
   */
  close(code?: number, reason?: string): void;
  /** Drops the connection at once, without a close frame (1006). */
  terminate(): void;
  /**
   * Sets the callbacks of this connection, in place of any it has. A handler that has called it may return without closing the
   * connection.
   */
  on(callbacks: Callbacks<Data>): void;
}
