import { SluiceError, type SluiceErrorCode } from "../errors/index.ts";
import { Deadline } from "../internal/timer-wheel.ts";
import { deadlines } from "./deadlines.ts";

/** How many are let in, and how many may wait for how long. */
export interface PermitsOptions {
  /** The name of the pool, for errors. */
  readonly name: string;
  /** How many are in at a time. */
  readonly size: number;
  /** How many may wait; one more is refused at once. */
  readonly maxWaiting: number;
  /** Whoever has waited for so many milliseconds is refused. */
  readonly acquireTimeoutMs: number;
  /** Told of each caller who is refused. */
  readonly onRefused?: (code: SluiceErrorCode) => void;
}

/**
 * The door of a pool: so many in at a time, so many waiting in order of arrival, for so long. Whoever has been let in releases
 * once.
 *
 * Where there is room, {@link Permits.tryAcquire} takes it without a promise; where there is none, {@link Permits.acquire} waits.
 */
export class Permits {
  readonly #options: PermitsOptions;
  readonly #first: Waiter = new Waiter();
  #busy = 0;
  #waiting = 0;
  #closed = false;
  #drained: (() => void)[] = [];

  constructor(options: PermitsOptions) {
    this.#options = options;
  }

  /** How many are in. */
  get busy(): number {
    return this.#busy;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether {@link Permits.close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Lets the caller in if that is possible at once. Nobody is waiting then, since those who wait go first. */
  tryAcquire(): boolean {
    if (this.#busy >= this.#options.size || this.#closed) return false;
    this.#busy += 1;
    return true;
  }

  /**
   * Lets the caller in, now or later.
   *
   * @throws SLUICE_POOL_FULL, SLUICE_POOL_TIMEOUT, SLUICE_POOL_CLOSED, SLUICE_QUERY_CANCELLED once the signal is aborted
   */
  acquire(signal?: AbortSignal): Promise<void> {
    if (this.#closed) return Promise.reject(this.#refuse("SLUICE_POOL_CLOSED"));
    if (signal?.aborted) return Promise.reject(this.#cancelled(signal));
    if (this.tryAcquire()) return Promise.resolve();
    if (this.#waiting >= this.#options.maxWaiting) return Promise.reject(this.#refuse("SLUICE_POOL_FULL"));
    return this.#wait(signal);
  }

  /** Makes room for the next one. */
  release(): void {
    const next = this.#first.next;
    if (next !== this.#first) {
      this.#remove(next);
      next.resolve?.();
      return;
    }
    this.#busy -= 1;
    if (this.#busy === 0) this.#tellDrained();
  }

  /** Lets nobody in from now on, and refuses those who wait. Those who are in stay until they release. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (let waiter = this.#first.next; waiter !== this.#first; waiter = this.#first.next)
      this.#reject(waiter, this.#refuse("SLUICE_POOL_CLOSED"));
  }

  /** For its own waiters: one of them has waited for too long. */
  expire(waiter: Waiter): void {
    this.#reject(waiter, this.#refuse("SLUICE_POOL_TIMEOUT"));
  }

  /** Waits until nobody is in. */
  drained(): Promise<void> {
    if (this.#busy === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = new Waiter();
      waiter.permits = this;
      waiter.resolve = resolve;
      waiter.reject = reject;
      if (signal !== undefined) this.#listen(waiter, signal);
      this.#append(waiter);
      deadlines.schedule(waiter, this.#options.acquireTimeoutMs);
    });
  }

  #listen(waiter: Waiter, signal: AbortSignal): void {
    waiter.signal = signal;
    waiter.onAbort = () => this.#reject(waiter, this.#cancelled(signal));
    signal.addEventListener("abort", waiter.onAbort, { once: true });
  }

  #append(waiter: Waiter): void {
    const last = this.#first.previous;
    waiter.previous = last;
    waiter.next = this.#first;
    last.next = waiter;
    this.#first.previous = waiter;
    this.#waiting += 1;
  }

  #remove(waiter: Waiter): void {
    waiter.previous.next = waiter.next;
    waiter.next.previous = waiter.previous;
    this.#waiting -= 1;
    deadlines.cancel(waiter);
    if (waiter.onAbort !== undefined) waiter.signal?.removeEventListener("abort", waiter.onAbort);
  }

  #reject(waiter: Waiter, error: SluiceError): void {
    this.#remove(waiter);
    waiter.reject?.(error);
  }

  #refuse(code: "SLUICE_POOL_FULL" | "SLUICE_POOL_TIMEOUT" | "SLUICE_POOL_CLOSED"): SluiceError {
    this.#options.onRefused?.(code);
    const { name, acquireTimeoutMs } = this.#options;
    return new SluiceError(code, { name, waiting: this.#waiting, waitedMs: acquireTimeoutMs });
  }

  #cancelled(signal: AbortSignal): SluiceError {
    return new SluiceError("SLUICE_QUERY_CANCELLED", { name: this.#options.name }, { cause: signal.reason });
  }

  #tellDrained(): void {
    const waiting = this.#drained;
    this.#drained = [];
    for (const tell of waiting) tell();
  }
}

// A caller who waits, in a list from which it can be taken at any place: whoever gives up leaves nothing behind. There is one for each
// query of a busy pool, so that it has no closures of its own.
class Waiter extends Deadline {
  next: Waiter = this;
  previous: Waiter = this;
  permits: Permits | undefined = undefined;
  resolve: (() => void) | undefined = undefined;
  reject: ((error: SluiceError) => void) | undefined = undefined;
  signal: AbortSignal | undefined = undefined;
  onAbort: (() => void) | undefined = undefined;

  override onDeadline(): void {
    this.permits?.expire(this);
  }
}
