import { channels } from "../diagnostics/index.ts";
import { SluiceError } from "../errors/index.ts";
import type { Connection } from "../transport/index.ts";
import type { Log, LogFields } from "./log.ts";
import { RepeatFilter } from "./repeat-filter.ts";

const QUIET_MS = 10_000;

interface RefusedEvent {
  readonly status: number;
  readonly message: string;
  readonly cause: string;
  readonly remoteAddress: string;
}

interface ConnectionEvent {
  readonly connection: Connection;
  readonly code: number;
  readonly reason: string;
  readonly bytes: number;
}

/** Writes what happens in a server to a log: at most two lines in ten seconds for each kind of trouble. */
export class EventLog {
  readonly #log: Log;
  readonly #filter: RepeatFilter;

  constructor(log: Log) {
    this.#log = log;
    this.#filter = new RepeatFilter(QUIET_MS, (cause, times) => {
      log.warn(`${cause}, again`, { times, seconds: QUIET_MS / 1000 });
    });
  }

  /** Listens to the diagnostics channels that the log's level is for. @returns a function that stops it */
  follow(): () => void {
    const listeners = new Map<(typeof channels)[keyof typeof channels], (event: unknown) => void>();
    if (this.#log.isOn("warn")) {
      listeners.set(channels.handshakeRefused, (event) => this.#onRefused(event as RefusedEvent));
      listeners.set(channels.connectionViolation, (event) => this.#onViolation(event as ConnectionEvent));
      listeners.set(channels.budgetShed, (event) => this.#onShed(event as ConnectionEvent));
    }
    if (this.#log.isOn("debug")) {
      listeners.set(channels.connectionOpen, (event) => this.#onOpen(event as ConnectionEvent));
      listeners.set(channels.connectionClose, (event) => this.#onClose(event as ConnectionEvent));
    }
    for (const [channel, listener] of listeners) channel.subscribe(listener);
    return () => {
      for (const [channel, listener] of listeners) channel.unsubscribe(listener);
    };
  }

  /** A handler or a hook threw: what `onError` of the server is told. */
  onError(error: unknown, socket: Connection | undefined): void {
    const cause = causeOf(error, socket);
    if (!this.#filter.isFirst(cause)) return;
    // Where it was thrown is the first line of the stack that is a place.
    const place = error instanceof Error ? /^ +at (.+)$/m.exec(error.stack ?? "")?.[1] : undefined;
    const what = error instanceof Error ? `${error.name}: ${error.message}` : `not an error: ${typeof error}`;
    this.#log.error(cause, { error: what, at: place, ...fieldsOf(socket) });
  }

  #onRefused({ status, message, cause, remoteAddress }: RefusedEvent): void {
    const event = `a handshake was refused (${cause})`;
    if (this.#filter.isFirst(event)) this.#log.warn(event, { status, message, from: remoteAddress });
  }

  #onViolation({ connection, code, reason }: ConnectionEvent): void {
    const event = `a peer broke a rule (${code})`;
    if (this.#filter.isFirst(event)) this.#log.warn(event, { reason, ...fieldsOf(connection) });
  }

  #onShed({ connection, bytes }: ConnectionEvent): void {
    const event = "a connection was cut to save memory";
    if (this.#filter.isFirst(event)) this.#log.warn(event, { bytes, ...fieldsOf(connection) });
  }

  #onOpen({ connection }: ConnectionEvent): void {
    this.#log.debug("a connection opened", fieldsOf(connection));
  }

  #onClose({ connection, code, reason }: ConnectionEvent): void {
    this.#log.debug("a connection closed", { code, reason, ...fieldsOf(connection) });
  }
}

function causeOf(error: unknown, socket: Connection | undefined): string {
  if (socket !== undefined) return "a handler failed";
  return error instanceof SluiceError ? "a resource failed" : "a handshake failed";
}

// The path without its query, in which a token may stand.
function fieldsOf(socket: Connection | undefined): LogFields {
  if (socket === undefined) return {};
  return { connection: socket.id, path: socket.request.path, from: socket.request.remoteAddress };
}
