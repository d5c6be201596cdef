/** The counters that live figures are made of. */
export interface FigureCounters {
  /** Connections that are open now. */
  readonly connections: number;
  /** Messages received since the start. */
  readonly messagesIn: number;
  /** Messages sent since the start. */
  readonly messagesOut: number;
}

/** One message of the feed, as JSON. */
export interface Figures extends FigureCounters {
  /** Messages received a second, since the figures before. */
  readonly messagesInPerSecond: number;
  /** Messages sent a second, since the figures before. */
  readonly messagesOutPerSecond: number;
  /** Since the feed was made, in milliseconds. */
  readonly uptimeMs: number;
}

/** What the feed needs of a connection that watches. */
export interface Watcher {
  send(message: string): unknown;
}

/** Where time comes from; the process's own clock and timers, but for tests. */
export interface FeedClock {
  /** Milliseconds, on a clock that never goes back. */
  now(): number;
  /** Calls `tick` every `intervalMs` until the function that it returns is called. */
  every(intervalMs: number, tick: () => void): () => void;
}

const INTERVAL_MS = 1000;

const processClock: FeedClock = {
  now: () => performance.now(),
  every: (intervalMs, tick) => {
    const timer = setInterval(tick, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/**
 * Figures for those who watch: one message at once, then one a second. While nobody watches, no timer runs. What the feed
 * itself costs, its watchers and what it sends to them, is left out, so that a quiet server shows zeros.
 */
export class LiveFigures {
  readonly #read: () => FigureCounters;
  readonly #clock: FeedClock;
  readonly #watchers = new Set<Watcher>();
  readonly #startedAt: number;
  #ownMessages = 0;
  #stop: (() => void) | undefined;
  #before: { readonly at: number; readonly counters: FigureCounters } | undefined;

  /** @param read - the server's counters, as they are now */
  constructor(read: () => FigureCounters, clock: FeedClock = processClock) {
    this.#read = read;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  /** How many watch. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Begins to send figures to a connection. */
  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    if (this.#stop === undefined) {
      this.#before = { at: this.#clock.now(), counters: this.#counters() };
      this.#stop = this.#clock.every(INTERVAL_MS, () => this.#tick());
    }
    this.#send(watcher, JSON.stringify(this.#figures(0, 0, this.#counters())));
  }

  /** Sends no more to a connection. */
  remove(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
    this.#before = undefined;
  }

  #tick(): void {
    const at = this.#clock.now();
    const counters = this.#counters();
    const before = this.#before ?? { at, counters };
    this.#before = { at, counters };
    const seconds = Math.max(at - before.at, 1) / 1000;
    const inRate = Math.max(0, counters.messagesIn - before.counters.messagesIn) / seconds;
    const outRate = Math.max(0, counters.messagesOut - before.counters.messagesOut) / seconds;
    const message = JSON.stringify(this.#figures(Math.round(inRate), Math.round(outRate), counters));
    for (const watcher of this.#watchers) this.#send(watcher, message);
  }

  #counters(): FigureCounters {
    const { connections, messagesIn, messagesOut } = this.#read();
    return {
      connections: Math.max(0, connections - this.#watchers.size),
      messagesIn,
      messagesOut: Math.max(0, messagesOut - this.#ownMessages),
    };
  }

  #figures(messagesInPerSecond: number, messagesOutPerSecond: number, counters: FigureCounters): Figures {
    const uptimeMs = Math.round(this.#clock.now() - this.#startedAt);
    return { ...counters, messagesInPerSecond, messagesOutPerSecond, uptimeMs };
  }

  #send(watcher: Watcher, message: string): void {
    this.#ownMessages++;
    watcher.send(message);
  }
}
