import type { TimerEntry, TimerWheel } from "../internal/timer-wheel.ts";
import type { ConnectionOptions } from "./connection-options.ts";

/** Whose peer is watched, and what it is told to do. */
export interface KeepaliveOwner {
  readonly engine: { readonly wheel: TimerWheel };
  readonly profile: { readonly options: ConnectionOptions };
  readonly isOpen: boolean;
  /** Whether we have stopped reading, so that nothing can be heard of the peer. */
  readonly isReadingPaused: boolean;
  /** Something is to be done. */
  onVerdict(verdict: Verdict): void;
}

/**
 * What a look at a connection comes to: the peer has been `silent`, so ask whether it is there; it has been asked and is `lost`; nothing
 * has come for as long as is allowed (`idle`); a message has begun and not ended in time (`unfinished`); it is closing, and has had its
 * time (`closeTimeout`).
 */
export type Verdict = "silent" | "lost" | "idle" | "unfinished" | "closeTimeout";

const LOOK_AGAIN_MS = 1000;

/**
 * Watches one peer, by one entry in the timer wheel. The wheel's time stands still while our own loop is held, so that a stall of ours
 * never makes a healthy peer look silent. A read costs no more than taking down when it was.
 */
export class Keepalive implements TimerEntry {
  wheelNext: TimerEntry | null = null;
  wheelPrevious: TimerEntry | null = null;
  wheelDueAt = 0;
  /** When bytes last came. Whatever they are, they are a sign of life. */
  readAt: number;
  readonly #owner: KeepaliveOwner;
  #pingedAt: number | null = null;
  #messageAt: number | null = null;

  constructor(owner: KeepaliveOwner) {
    this.#owner = owner;
    this.readAt = owner.engine.wheel.now;
  }

  /** Begins to watch. */
  start(): void {
    this.#scheduleNext(this.#owner.engine.wheel.now);
  }

  /** The connection is closing: all that counts from now on is that it ends in time. */
  onClosing(): void {
    this.#owner.engine.wheel.schedule(this, this.#owner.profile.options.closeTimeoutMs);
  }

  /** Watches no more. */
  stop(): void {
    this.#owner.engine.wheel.cancel(this);
  }

  /** A read has ended within a message, or not. */
  noteMessage(isUnfinished: boolean): void {
    if (!isUnfinished) {
      this.#messageAt = null;
      return;
    }
    if (this.#messageAt !== null) return;
    this.#messageAt = this.readAt;
    const { engine, profile, isOpen } = this.#owner;
    const { wheel } = engine;
    const { options } = profile;
    if (isOpen && this.wheelDueAt > wheel.now + options.messageTimeoutMs)
      wheel.schedule(this, options.messageTimeoutMs);
  }

  /** Reading goes on after we had stopped it: what didn't come meanwhile couldn't. */
  noteResumed(): void {
    const { now } = this.#owner.engine.wheel;
    this.readAt = now;
    this.#pingedAt = null;
    if (this.#messageAt !== null) this.#messageAt = now;
  }

  onDeadline(now: number): void {
    if (!this.#owner.isOpen) return this.#owner.onVerdict("closeTimeout");
    if (this.#owner.isReadingPaused) this.#probe(now);
    else this.#look(now);
    if (this.#owner.isOpen) this.#scheduleNext(now);
  }

  #look(now: number): void {
    const { messageTimeoutMs, keepalive } = this.#owner.profile.options;
    const { pingIntervalMs, pongTimeoutMs, idleTimeoutMs } = keepalive;
    if (this.#messageAt !== null && now - this.#messageAt >= messageTimeoutMs)
      return this.#owner.onVerdict("unfinished");
    // A pong mostly comes within the tick of its ping, at which the wheel still has the same time.
    if (this.#pingedAt !== null && this.readAt >= this.#pingedAt) this.#pingedAt = null;
    if (this.#pingedAt !== null && now - this.#pingedAt >= pongTimeoutMs)
      return this.#owner.onVerdict("lost");
    const silentMs = now - this.readAt;
    if (idleTimeoutMs !== null && silentMs >= idleTimeoutMs) return this.#owner.onVerdict("idle");
    if (pingIntervalMs === null || this.#pingedAt !== null || silentMs < pingIntervalMs) return;
    this.#pingedAt = now;
    this.#owner.onVerdict("silent");
  }

  // Nothing can be heard of a peer while we don't read; but to send something to one that has reset the connection fails.
  #probe(now: number): void {
    const { pingIntervalMs } = this.#owner.profile.options.keepalive;
    if (pingIntervalMs === null || now - (this.#pingedAt ?? this.readAt) < pingIntervalMs) return;
    this.#pingedAt = now;
    this.#owner.onVerdict("silent");
  }

  #scheduleNext(now: number): void {
    const { engine, profile, isReadingPaused } = this.#owner;
    const { options } = profile;
    const { pingIntervalMs, pongTimeoutMs, idleTimeoutMs } = options.keepalive;
    let at = Number.POSITIVE_INFINITY;
    if (this.#messageAt !== null) at = this.#messageAt + options.messageTimeoutMs;
    if (idleTimeoutMs !== null) at = Math.min(at, this.readAt + idleTimeoutMs);
    if (this.#pingedAt !== null) at = Math.min(at, this.#pingedAt + pongTimeoutMs);
    else if (pingIntervalMs !== null) at = Math.min(at, this.readAt + pingIntervalMs);
    engine.wheel.schedule(this, isReadingPaused ? LOOK_AGAIN_MS : Math.max(at - now, 0));
  }
}
