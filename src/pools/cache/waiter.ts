import { SluiceError } from "../../errors/index.ts";
import { Deadline } from "../../internal/timer-wheel.ts";
import { deadlines } from "../deadlines.ts";
import type { Copies } from "./entry.ts";

/** Until when a caller waits. */
export interface Patience {
  /** No longer than this, in milliseconds; null for as long as it takes. */
  readonly timeoutMs: number | null;
  /** No longer once this is aborted. */
  readonly signal: AbortSignal | undefined;
}

/** A caller who waits for a key to be loaded: he gets it, its failure, or has enough of waiting. */
export class Waiter extends Deadline {
  readonly promise: Promise<unknown>;
  readonly #key: string;
  readonly #patience: Patience;
  readonly #onLeave: (waiter: Waiter) => void;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #onAbort: (() => void) | undefined;

  /** @param onLeave called if he leaves before anything has come */
  constructor(key: string, patience: Patience, onLeave: (waiter: Waiter) => void) {
    super();
    this.#key = key;
    this.#patience = patience;
    this.#onLeave = onLeave;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#wait();
  }

  /** Gives him his copy. */
  give(copies: Copies): void {
    this.#settle();
    this.#resolve(copies.take());
  }

  /** Gives him what went wrong. */
  fail(error: unknown): void {
    this.#settle();
    this.#reject(error);
  }

  override onDeadline(): void {
    const timeoutMs = this.#patience.timeoutMs ?? 0;
    this.#leave(new SluiceError("SLUICE_LOAD_TIMEOUT", { key: this.#key, timeoutMs }));
  }

  #wait(): void {
    const { timeoutMs, signal } = this.#patience;
    if (timeoutMs !== null) deadlines.schedule(this, timeoutMs);
    if (signal === undefined) return;
    this.#onAbort = () => this.#leave(cancelled(this.#key, signal));
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  #leave(error: SluiceError): void {
    this.fail(error);
    this.#onLeave(this);
  }

  #settle(): void {
    deadlines.cancel(this);
    if (this.#onAbort !== undefined) this.#patience.signal?.removeEventListener("abort", this.#onAbort);
  }
}

/** What a caller is told whose signal is aborted. */
export function cancelled(key: string, signal: AbortSignal): SluiceError {
  return new SluiceError("SLUICE_LOAD_CANCELLED", { key }, { cause: signal.reason });
}
