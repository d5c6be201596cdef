/** What becomes of a message for a peer whose send buffer is full: see {@link SendBufferOptions.slowConsumer}. */
export type SlowConsumerPolicy = "wait" | "dropOldest" | "dropNewest" | "latest" | "close";

/** The send buffer of a connection: what the kernel has not taken. */
export interface SendBufferOptions {
  /** From so many bytes on, `send` returns false and the slow-consumer policy acts. @default 1_048_576 (1 MiB), or maxBufferedBytes if that is less */
  readonly highWaterBytes: number;
  /** At so many bytes `drained()` resolves. @default 262_144 (256 KiB), or a quarter of highWaterBytes if that is less */
  readonly lowWaterBytes: number;
  /** Under `wait` and `latest`, the bytes above which a connection is closed (1013): its sender doesn't wait, or has too many keys. @default 4_194_304 (4 MiB), or highWaterBytes if that is more */
  readonly maxBufferedBytes: number;
  /**
   * What becomes of a message above the high-water mark.
   *
   * - `wait`: it is buffered, and `send` returns false: await `drained()`. At `maxBufferedBytes` the connection is closed (1013).
   * - `dropOldest`: the oldest messages that still wait make room for it.
   * - `dropNewest`: it is dropped.
   * - `latest`: it replaces the one with the same key that still waits (`send(message, { key })`; all that have no key share one).
   * - `close`: the connection is closed (1013), so that the client comes back and starts afresh.
   *
   * @default "wait"
   */
  readonly slowConsumer: SlowConsumerPolicy;
  /** Gathered frames are written at once when they are so many bytes. @default 65_536 (64 KiB) */
  readonly flushBytes: number;
}

/** How much is received ahead of a handler before reading stops. */
export interface ReceiveOptions {
  /** Reading stops when so many messages wait for the handler. @default 64 */
  readonly highWaterMessages: number;
  /** Reading goes on when so few wait. @default 16 (or a quarter of highWaterMessages if that is less) */
  readonly lowWaterMessages: number;
  /** Reading stops when the waiting messages take so many bytes; each counts 64 beyond its own. @default 131_072 (128 KiB) */
  readonly highWaterBytes: number;
  /** Reading goes on at so few bytes. @default 32_768 (32 KiB), or a quarter of highWaterBytes if that is less */
  readonly lowWaterBytes: number;
}

/** How a silent peer is told from a lost one. */
export interface KeepaliveOptions {
  /** A peer that has been silent for so long is pinged, in milliseconds; null for never. @default 20_000 */
  readonly pingIntervalMs: number | null;
  /** A peer that has sent nothing at all for so long after a ping is dropped (1006), in milliseconds. @default 20_000 */
  readonly pongTimeoutMs: number;
  /** A peer from which nothing has come for so long, not even a pong, is closed (1001), in milliseconds; null for never. @default 120_000 */
  readonly idleTimeoutMs: number | null;
}

/** Permessage-deflate (RFC 7692). */
export interface CompressionOptions {
  /** Forget what was sent after each message: no memory per connection, but less compression. @default true */
  readonly serverNoContextTakeover: boolean;
  /** Make clients forget after each message. @default true */
  readonly clientNoContextTakeover: boolean;
  /** The largest window to send with, as a power of two: 9 to 15. @default 15 */
  readonly serverMaxWindowBits: number;
  /** The largest window to let clients send with, as a power of two: 8 to 15. @default 15 */
  readonly clientMaxWindowBits: number;
  /** zlib's level, 1 to 9. @default 3 */
  readonly level: number;
  /** zlib's memory level, 1 to 9. @default 8 */
  readonly memLevel: number;
  /** Smaller messages go as they are, in bytes. @default 1_024 */
  readonly thresholdBytes: number;
  /** A message that inflates to more than so many times its size is refused (1009), if it is over 64 KiB. @default 200 */
  readonly maxRatio: number;
}

/** What holds for one connection. Server-wide defaults; a route may have its own. */
export interface ConnectionOptions {
  /** The largest message that is taken, in bytes, before and after inflating (1009). @default 1_048_576 (1 MiB) */
  readonly maxMessageBytes: number;
  /** The most frames that one message may be cut into (1008). @default 1_024 */
  readonly maxFragments: number;
  /** A message that has begun must end within this time, in milliseconds (1008). @default 60_000 */
  readonly messageTimeoutMs: number;
  /** The most messages, pings and pongs a second that a peer may send (1008), with as many in a burst; null for no limit. @default null */
  readonly maxMessagesPerSecond: number | null;
  /** The most bytes a second that a peer may send (1008), with as many in a burst, or 64 KiB if that is more; null for no limit. @default null */
  readonly maxBytesPerSecond: number | null;
  /** A peer that doesn't answer our close frame is dropped after this time, in milliseconds. @default 5_000 */
  readonly closeTimeoutMs: number;
  /** How many messages of one connection an async `message` callback may work on at a time. @default 1 */
  readonly concurrency: number;
  /** See {@link SendBufferOptions}. */
  readonly sendBuffer: SendBufferOptions;
  /** See {@link ReceiveOptions}. */
  readonly receive: ReceiveOptions;
  /** See {@link KeepaliveOptions}. */
  readonly keepalive: KeepaliveOptions;
  /** See {@link CompressionOptions}; null for none. @default null */
  readonly compression: CompressionOptions | null;
}

/** The defaults of {@link CompressionOptions}, for those who turn it on. */
export const compressionDefaults: CompressionOptions = Object.freeze({
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
  level: 3,
  memLevel: 8,
  thresholdBytes: 1024,
  maxRatio: 200,
});

/** The defaults of {@link ConnectionOptions}. */
export const connectionDefaults: ConnectionOptions = Object.freeze({
  maxMessageBytes: 1024 * 1024,
  maxFragments: 1024,
  messageTimeoutMs: 60_000,
  maxMessagesPerSecond: null,
  maxBytesPerSecond: null,
  closeTimeoutMs: 5_000,
  concurrency: 1,
  sendBuffer: Object.freeze({
    highWaterBytes: 1024 * 1024,
    lowWaterBytes: 256 * 1024,
    maxBufferedBytes: 4 * 1024 * 1024,
    slowConsumer: "wait",
    flushBytes: 64 * 1024,
  }),
  receive: Object.freeze({
    highWaterMessages: 64,
    lowWaterMessages: 16,
    highWaterBytes: 128 * 1024,
    lowWaterBytes: 32 * 1024,
  }),
  keepalive: Object.freeze({ pingIntervalMs: 20_000, pongTimeoutMs: 20_000, idleTimeoutMs: 120_000 }),
  compression: null,
});
