import { within } from "../../../internal/within.ts";
import type { DriverOptions } from "../driver-options.ts";
import { ConnectError, LostError } from "./connection-errors.ts";
import { promisedInTime } from "./promised.ts";
import type { Session, SessionPool, SessionTaker } from "./session.ts";

// Idle for longer than this, a connection has to answer before it is used: what lies between may have forgotten it.
const TRUSTED_MS = 1_000;
const ANSWER_MS = 1_000;
const CLOSE_MS = 1_000;
// So that connections that were made together aren't made anew together.
const LIFETIME_JITTER = 0.2;

/** A session of a pool. */
export interface PooledSession extends Session {
  /** When it was last given back, in the time of performance.now(). */
  idleSince: number;
  /** Whether it is in its pool. */
  isIdle: boolean;
  /** When its time is up, in the time of performance.now(); 0 as long as it is new. */
  expiresAt: number;
}

/** Whom a session tells of its end. */
export interface SessionOwner {
  /** It is given back. */
  release(session: PooledSession): void;
  /** Its connection is gone. */
  forget(session: PooledSession, reason: string): void;
}

/** Whom a session apart from the pool belongs to: whoever made it sees to its end. */
export const nobody: SessionOwner = Object.freeze({ release: () => {}, forget: () => {} });

/** What a driver's own pool does. */
export interface Connections {
  /**
   * Gives an idle connection, or makes one.
   *
   * @param owner whom a new session belongs to
   */
  checkOut(owner: SessionOwner, done: (error: unknown, session: PooledSession | null) => void): void;
  /** Takes a connection back; lets it go if it is broken. */
  checkIn(session: PooledSession): void;
  /** Lets all go that are idle, and the others as they come back. */
  close(): Promise<void>;
}

/** Keeps the connections of a driver's pool such that who is given one can use it: replaces what is too old, and what is dead. */
export class SessionKeeper implements SessionPool, SessionOwner {
  readonly maxSize: number;
  connects = 0;
  readonly #connections: Connections;
  readonly #options: DriverOptions;
  readonly #sessions = new Set<PooledSession>();
  #busy = 0;
  #onEmpty: (() => void) | null = null;

  constructor(connections: Connections, options: DriverOptions) {
    this.#connections = connections;
    this.#options = options;
    this.maxSize = options.maxConnections;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get idle(): number {
    return Math.max(0, this.#sessions.size - this.#busy);
  }

  acquire(taker: SessionTaker): void {
    const now = performance.now();
    this.#connections.checkOut(this, (error, session) => {
      if (session === null) {
        const failure = new ConnectError(error);
        if (!taker.refuse(failure)) this.#options.events.onConnectFailed(failure);
        return;
      }
      this.#busy += 1;
      session.isIdle = false;
      if (session.expiresAt === 0) this.#welcome(session, performance.now() - now);
      if (session.isBroken || now > session.expiresAt) this.#replace(session, taker, "its time was up");
      else if (session.idleSince > 0 && now - session.idleSince > TRUSTED_MS) this.#validate(session, taker);
      else taker.take(session);
    });
  }

  release(session: PooledSession): void {
    this.#busy -= 1;
    session.isIdle = true;
    session.idleSince = performance.now();
    this.#connections.checkIn(session);
  }

  forget(session: PooledSession, reason: string): void {
    if (!this.#sessions.delete(session)) return;
    this.#options.events.onDisconnect(reason);
    if (this.#sessions.size === 0) this.#onEmpty?.();
  }

  async close(): Promise<void> {
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      if (this.#sessions.size === 0) resolve();
    });
    await within(CLOSE_MS, Promise.all([this.#connections.close(), empty]));
    for (const session of [...this.#sessions]) session.destroy("the pool was closed");
  }

  #welcome(session: PooledSession, durationMs: number): void {
    const jitter = 1 - Math.random() * LIFETIME_JITTER;
    session.expiresAt = performance.now() + this.#options.maxLifetimeMs * jitter;
    this.connects += 1;
    this.#sessions.add(session);
    this.#options.events.onConnect(durationMs);
  }

  #replace(session: PooledSession, taker: SessionTaker, reason: string): void {
    session.destroy(reason);
    session.release();
    this.acquire(taker);
  }

  #validate(session: PooledSession, taker: SessionTaker): void {
    const pinged = promisedInTime<void>(session, ANSWER_MS, (outcome) => session.ping(outcome));
    pinged.then(
      () => taker.take(session),
      (error: unknown) => {
        // Where one says nothing, the others that have been idle as long will not either, and each would have to be waited for.
        if (error instanceof LostError) this.#destroyAsOldAs(session.idleSince);
        this.#replace(session, taker, "it was dead");
      },
    );
  }

  #destroyAsOldAs(idleSince: number): void {
    for (const session of [...this.#sessions]) {
      if (session.isIdle && session.idleSince <= idleSince) session.destroy("it was dead");
    }
  }
}
