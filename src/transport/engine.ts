import { TimerWheel } from "../internal/timer-wheel.ts";
import { ConnectionRegistry } from "./connection-registry.ts";
import { FlushWindow } from "./flush-window.ts";
import { Flusher } from "./flusher.ts";
import { Group } from "./group.ts";
import { MemoryBudget } from "./memory-budget.ts";
import { emptyStats, type ServerStats } from "./server-stats.ts";
import type { WebSocketConnection } from "./websocket-connection.ts";

/** How an engine is built. */
export interface EngineOptions {
  /** The longest that frames are gathered before they are written, when the loop is busy. In milliseconds; 0 for never longer than a turn. */
  readonly maxFlushDelayMs: number;
  /** The most bytes that all connections together may have buffered, in and out. */
  readonly maxBufferedBytes: number;
  /** Told of every handler that threw. */
  readonly onError: (error: unknown, socket: WebSocketConnection) => void;
  /** Told of every connection that is gone. */
  readonly onGone: (socket: WebSocketConnection) => void;
}

/** What all connections of a server share. */
export class Engine {
  readonly flusher: Flusher;
  readonly wheel: TimerWheel = new TimerWheel();
  readonly budget: MemoryBudget;
  readonly stats: ServerStats = emptyStats();
  readonly connections: ConnectionRegistry<WebSocketConnection> = new ConnectionRegistry();
  readonly onError: EngineOptions["onError"];
  readonly #onGone: EngineOptions["onGone"];
  // Made when it is first sent to, so that those who don't broadcast don't pay for it.
  #everybody: Group | null = null;

  constructor(options: EngineOptions) {
    this.flusher = new Flusher(new FlushWindow(options.maxFlushDelayMs), this.stats);
    this.budget = new MemoryBudget(options.maxBufferedBytes);
    this.onError = options.onError;
    this.#onGone = options.onGone;
    this.wheel.start();
  }

  /** Takes a connection in. */
  add(connection: WebSocketConnection): void {
    this.stats.opened++;
    this.stats.connections++;
    this.connections.add(connection);
    this.#everybody?.add(connection);
  }

  /** Lets a connection go that is closed. */
  remove(connection: WebSocketConnection): void {
    this.stats.connections--;
    this.connections.delete(connection);
    for (const group of connection.memberships?.keys() ?? []) group.remove(connection);
    this.#onGone(connection);
  }

  /** Sends to all connections. */
  broadcast(message: string | Uint8Array, key: string): void {
    if (this.#everybody === null) {
      this.#everybody = new Group("", this.flusher.log, { isEverybody: true });
      for (const connection of this.connections) this.#everybody.add(connection);
    }
    this.#everybody.send(message, key);
  }

  /** Stops its timers. */
  stop(): void {
    this.flusher.flush();
    this.wheel.stop();
  }
}
