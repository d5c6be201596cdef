import type { Connection } from "./connection-api.ts";

/** Messages that a slow consumer did not get. */
export interface Drop {
  /** How many. */
  readonly messages: number;
  /** Their bytes, as frames. */
  readonly bytes: number;
}

/**
 * Callbacks, for those who prefer them to `for await`. All may be async: one that rejects closes its connection with 1011, as one
 * that throws does.
 */
export interface Callbacks<Data = unknown> {
  /** The connection is open. */
  open?(socket: Connection<Data>): unknown;
  /** A message has come. An async one is awaited before the next message is given, `concurrency` at a time. */
  message?(socket: Connection<Data>, message: string | Buffer): unknown;
  /** The send buffer is at its low-water mark again. */
  drain?(socket: Connection<Data>): unknown;
  /** The slow-consumer policy has dropped messages: once a turn of the loop, for all that were dropped in it. */
  drop?(socket: Connection<Data>, drop: Drop): unknown;
  /** A ping has come, and has been answered. */
  ping?(socket: Connection<Data>, payload: Buffer): unknown;
  /** A pong has come. */
  pong?(socket: Connection<Data>, payload: Buffer): unknown;
  /** The connection is closed. Comes last: `message` has been given what the peer had sent before it closed, and is at its end. */
  close?(socket: Connection<Data>, code: number, reason: string): unknown;
}
