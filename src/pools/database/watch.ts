import { Deadline } from "../../internal/timer-wheel.ts";
import { deadlines } from "../deadlines.ts";
import type { Watches } from "./watches.ts";

/** Why work was stopped from here. */
export type StopReason = "timeout" | "abort" | "closed";

/** Work that can be told to end. */
export interface Stoppable {
  /** Called once at the most. */
  cancel(): void;
}

/** Sees that work ends: by its deadline, by its caller's signal, or when whatever is under way is stopped. */
export class Watch extends Deadline {
  readonly #all: Watches;
  readonly #work: Stoppable;
  /** After so many milliseconds the work is stopped; null for never. */
  readonly timeoutMs: number | null;
  /** Whether it is stopped at the end of its transaction, which waits for all other work. */
  isStream = false;
  /** Why the work was stopped; undefined if it wasn't. */
  reason: StopReason | undefined = undefined;
  /** The list's of all that is under way; null while it isn't in it. */
  next: Watch | null = null;
  /** As {@link Watch.next}. */
  previous: Watch | null = null;
  #signal: AbortSignal | undefined = undefined;
  #onAbort: (() => void) | undefined = undefined;

  /**
   * @param all where it stands until it ends
   * @param timeoutMs null for no deadline
   */
  constructor(all: Watches, work: Stoppable, timeoutMs: number | null) {
    super();
    this.#all = all;
    this.#work = work;
    this.timeoutMs = timeoutMs;
  }

  /** The reason that its caller's signal has for having been aborted. */
  get cause(): unknown {
    return this.reason === "abort" ? this.#signal?.reason : undefined;
  }

  /** Begins. With an aborted signal the work is stopped at once. */
  start(signal: AbortSignal | undefined): void {
    this.#all.add(this);
    this.resume();
    if (signal !== undefined) this.#listen(signal);
  }

  /** Stands still: what goes on now isn't the work's time. */
  pause(): void {
    deadlines.cancel(this);
  }

  /** Gives the work its whole time. */
  resume(): void {
    if (this.timeoutMs !== null && this.reason === undefined) deadlines.schedule(this, this.timeoutMs);
  }

  /** Has the work end, unless that was done before. */
  stop(reason: StopReason): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    deadlines.cancel(this);
    this.#work.cancel();
  }

  /** The work has ended: lets go of the timer and of the signal. */
  end(): void {
    this.#all.delete(this);
    deadlines.cancel(this);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  override onDeadline(): void {
    this.stop("timeout");
  }

  #listen(signal: AbortSignal): void {
    this.#signal = signal;
    if (signal.aborted) {
      this.stop("abort");
      return;
    }
    this.#onAbort = () => this.stop("abort");
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }
}
