import { Deferred } from "../../internal/deferred.ts";
import type { Copies } from "./entry.ts";
import { type Patience, Waiter } from "./waiter.ts";

/** How a flight ended; undefined if nothing came of it because nobody waited any more. */
export type Outcome = { readonly copies: Copies } | { readonly error: unknown } | undefined;

/** How many callers wait, for all keys together. */
export interface Askers {
  count: number;
}

/** A key on its way, for all who ask for it. It is given up once nobody waits. */
export class Flight {
  readonly key: string;
  readonly #waiters = new Set<Waiter>();
  readonly #ended = new Deferred<Outcome>();
  readonly #abort = new AbortController();
  readonly #askers: Askers;
  readonly #onAbandoned: (flight: Flight) => void;
  #outcome: Outcome;
  #isOvertaken = false;

  constructor(key: string, askers: Askers, onAbandoned: (flight: Flight) => void) {
    this.key = key;
    this.#askers = askers;
    this.#onAbandoned = onAbandoned;
  }

  /** Aborted when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether something has come of it: who joins it now doesn't wait. */
  get hasLanded(): boolean {
    return this.#outcome !== undefined;
  }

  /** Resolves once something has come of it, or it was given up. */
  get ended(): Promise<Outcome> {
    return this.#ended.promise;
  }

  /** Whether what comes of it may be kept: nobody has given it up, set the key, or deleted it meanwhile. */
  get mayKeep(): boolean {
    return !this.#isOvertaken && !this.signal.aborted;
  }

  /** Waits for it. */
  join(patience: Patience): Promise<unknown> {
    const outcome = this.#outcome;
    if (outcome !== undefined) {
      return "copies" in outcome ? Promise.resolve(outcome.copies.take()) : Promise.reject(outcome.error);
    }
    const waiter = new Waiter(this.key, patience, (left) => this.#left(left));
    this.#waiters.add(waiter);
    this.#askers.count += 1;
    return waiter.promise;
  }

  /** Gives everybody a copy. */
  give(copies: Copies): void {
    for (const waiter of this.#end({ copies })) waiter.give(copies);
  }

  /** Gives everybody what went wrong. */
  fail(error: unknown): void {
    for (const waiter of this.#end({ error })) waiter.fail(error);
  }

  /** The key was set or deleted: what comes of this is for those who wait already, and isn't kept. */
  overtake(): void {
    this.#isOvertaken = true;
  }

  /** Gives it up: everybody is given an error, and the signal is aborted. */
  cancel(error: unknown): void {
    if (this.#outcome === undefined) this.fail(error);
    this.#abort.abort(error);
  }

  #left(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    this.#askers.count -= 1;
    if (this.#waiters.size > 0 || this.#outcome !== undefined) return;
    this.#ended.resolve(undefined);
    this.#onAbandoned(this);
    this.#abort.abort();
  }

  #end(outcome: Outcome): readonly Waiter[] {
    this.#outcome ??= outcome;
    this.#ended.resolve(outcome);
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    this.#askers.count -= waiters.length;
    return waiters;
  }
}
