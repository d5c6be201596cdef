import { type ConnectionEvents, type ConnectionSetup, LoadConnection, type Place } from "./connection.ts";

/** How connections are opened. */
export interface ConnectorOptions {
  /** So many handshakes are under way at a time. */
  readonly concurrency: number;
  /** A handshake that takes longer is given up. */
  readonly timeoutMs: number;
}

/** Told of how it goes. */
export interface ConnectorEvents extends ConnectionEvents {
  /** Who is to be connected next; undefined if nobody is. */
  next(): Place | undefined;
  /** Nobody is to be connected next, and no handshake is under way. */
  onIdle?(): void;
}

const SWEEP_MS = 250;

/** Opens connections, so many at a time, for as long as there is a next one. */
export class Connector {
  readonly #setup: ConnectionSetup;
  readonly #options: ConnectorOptions;
  readonly #events: ConnectorEvents;
  readonly #wrapped: ConnectionEvents;
  /** The handshakes under way, and when each began; the oldest first. */
  readonly #underWay = new Map<LoadConnection, number>();
  #sweep: NodeJS.Timeout | undefined;
  #isFilling = false;

  constructor(setup: ConnectionSetup, options: ConnectorOptions, events: ConnectorEvents) {
    this.#setup = setup;
    this.#options = options;
    this.#events = events;
    this.#wrapped = {
      onOpen: (connection) => {
        events.onOpen(connection);
        this.#settle(connection);
      },
      onReading: (bytes) => events.onReading(bytes),
      onRead: (connection) => events.onRead(connection),
      onGone: (connection, reason) => {
        events.onGone(connection, reason);
        this.#settle(connection);
      },
    };
  }

  /** How many handshakes are under way. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** When a connection's handshake began, in milliseconds of performance.now(); undefined if it is over. */
  begunAt(connection: LoadConnection): number | undefined {
    return this.#underWay.get(connection);
  }

  /** Begins as many handshakes as there is room for. */
  fill(): void {
    // A handshake that fails at once must not begin the next one inside of this.
    if (this.#isFilling) return;
    this.#isFilling = true;
    this.#sweep ??= setInterval(() => this.#giveUpLate(), SWEEP_MS).unref();
    while (this.#underWay.size < this.#options.concurrency) {
      const place = this.#events.next();
      if (place === undefined) break;
      const connection = new LoadConnection(place, this.#setup, this.#wrapped);
      this.#underWay.set(connection, performance.now());
    }
    this.#isFilling = false;
    if (this.#underWay.size === 0) this.#events.onIdle?.();
  }

  /** Gives up on all handshakes under way. */
  stop(): void {
    clearInterval(this.#sweep);
    for (const connection of this.#underWay.keys()) connection.abandon("stopped");
  }

  #settle(connection: LoadConnection): void {
    if (this.#underWay.delete(connection)) this.fill();
  }

  #giveUpLate(): void {
    const latest = performance.now() - this.#options.timeoutMs;
    for (const [connection, begun] of this.#underWay) {
      if (begun > latest) break;
      connection.abandon("the handshake took too long");
    }
  }
}
