import { channels } from "../../diagnostics/index.ts";
import { SluiceError, type SluiceErrorCode } from "../../errors/index.ts";
import { within } from "../../internal/within.ts";
import { Permits } from "../permits.ts";
import type { ResolvedCacheOptions } from "./cache-options.ts";
import type { CacheStore } from "./cache-store.ts";
import { type Encoded, encodeValue, nothing } from "./cache-value.ts";
import { Copies, type Entry, freshness } from "./entry.ts";
import { type Askers, Flight } from "./flight.ts";
import { type LoadSettings, loadedEntry } from "./load-settings.ts";
import { loadShared } from "./shared-load.ts";
import { cancelled } from "./waiter.ts";

// An asker who only waits costs little; a key that is loaded costs what its loader does.
const ASKERS_PER_KEY_WAITING = 10;

/** What loads a key. */
export type Loader = (signal: AbortSignal) => unknown;

interface Job {
  readonly key: string;
  readonly settings: LoadSettings;
  readonly load: Loader;
}

/** What is kept under a key, as far as is known. */
type Found = Entry | undefined;

// How other processes are asked: not at all if their store can't be reached.
interface Sharing {
  readonly seen: Found;
  readonly waits: boolean;
}

/** What `getOrLoad` has done so far. */
export interface LoadCounts {
  hits: number;
  staleHits: number;
  misses: number;
  loads: number;
  loadErrors: number;
}

/**
 * Loads each key once, however many ask for it at a time: they share a flight, which reads the store, loads what isn't there, and
 * keeps it. What is stale is given at once, and a flight of its own brings the new value.
 */
export class Loads {
  readonly counts: LoadCounts = { hits: 0, staleHits: 0, misses: 0, loads: 0, loadErrors: 0 };
  readonly #store: CacheStore;
  readonly #options: ResolvedCacheOptions;
  readonly #onRefused: (code: SluiceErrorCode) => void;
  readonly #permits: Permits;
  readonly #flights = new Map<string, Flight>();
  readonly #refreshes = new Map<string, Flight>();
  // All of the flights, also those that new askers don't join any more.
  readonly #running = new Map<Flight, Promise<void>>();
  readonly #askers: Askers = { count: 0 };

  constructor(store: CacheStore, options: ResolvedCacheOptions, onRefused: (code: SluiceErrorCode) => void) {
    this.#store = store;
    this.#options = options;
    this.#onRefused = onRefused;
    const { name, maxLoads: size, maxWaiting, acquireTimeoutMs } = options;
    this.#permits = new Permits({ name, size, maxWaiting, acquireTimeoutMs, onRefused });
  }

  /** How many callers wait for a key. */
  get asking(): number {
    return this.#askers.count;
  }

  /** The value of a key, from the store or loaded. */
  ask(key: string, settings: LoadSettings, load: Loader): Promise<unknown> {
    if (settings.signal?.aborted) return Promise.reject(cancelled(key, settings.signal));
    const flight = this.#flights.get(key);
    if (flight === undefined) return this.#read({ key, settings, load });
    if (flight.hasLanded) this.counts.hits += 1;
    return this.#isFull ? Promise.reject(this.#refuse()) : flight.join(settings);
  }

  /** A key was set or deleted: what is on its way is older than that. */
  overtake(key: string): void {
    for (const flights of [this.#flights, this.#refreshes]) {
      flights.get(key)?.overtake();
      flights.delete(key);
    }
  }

  /** Waits for what is on its way, for so many milliseconds; then it is cancelled. */
  async close(drainMs: number): Promise<void> {
    await within(drainMs, Promise.all(this.#running.values()));
    this.#permits.close();
    for (const flight of this.#running.keys())
      flight.cancel(new SluiceError("SLUICE_POOL_CLOSED", { name: this.#options.name }));
  }

  get #isFull(): boolean {
    return this.#askers.count >= this.#options.maxWaiting * ASKERS_PER_KEY_WAITING;
  }

  #refuse(): SluiceError {
    this.#onRefused("SLUICE_POOL_FULL");
    const { name } = this.#options;
    return new SluiceError("SLUICE_POOL_FULL", { name, waiting: this.#askers.count });
  }

  // A store that needs no waiting costs a hit no flight.
  #read(job: Job): Promise<unknown> {
    const found = this.#store.read(job.key);
    if (!(found instanceof Promise)) {
      const copies = this.#usable(found, job);
      if (copies !== undefined) return Promise.resolve(copies.take());
    }
    if (this.#isFull) {
      if (found instanceof Promise) found.catch(() => {});
      return Promise.reject(this.#refuse());
    }
    const flight = this.#open(job.key, this.#flights);
    const value = flight.join(job.settings);
    this.#track(flight, this.#flights, this.#fly(flight, job, found));
    return value;
  }

  #open(key: string, flights: Map<string, Flight>): Flight {
    const flight = new Flight(key, this.#askers, (abandoned) => drop(flights, abandoned));
    flights.set(key, flight);
    return flight;
  }

  #track(flight: Flight, flights: Map<string, Flight>, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        // Before they hear of it: who asks again is to have it tried again.
        drop(flights, flight);
        flight.fail(error);
      })
      .then(() => {
        drop(flights, flight);
        this.#running.delete(flight);
      });
    this.#running.set(flight, done);
  }

  async #fly(flight: Flight, job: Job, found: Found | Promise<Found>): Promise<void> {
    let seen: Found;
    let isReachable = true;
    if (found instanceof Promise) {
      try {
        seen = await found;
      } catch {
        // Whatever is wrong with the store, the value can be loaded.
        isReachable = false;
      }
      const copies = this.#usable(seen, job);
      if (copies !== undefined) return flight.give(copies);
    }
    this.counts.misses += 1;
    if (await this.#follow(flight)) return;
    await this.#lead(flight, job, isReachable ? { seen, waits: true } : undefined);
  }

  // What is stale may be gone by the time that the new value comes: then that is what is waited for.
  async #follow(flight: Flight): Promise<boolean> {
    const outcome = await this.#refreshes.get(flight.key)?.ended;
    if (outcome === undefined || flight.signal.aborted) return flight.signal.aborted;
    if ("copies" in outcome) flight.give(outcome.copies);
    else flight.fail(outcome.error);
    return true;
  }

  // A copy of what was found, if it is good; what is stale is refreshed.
  #usable(entry: Found, job: Job): Copies | undefined {
    const state = freshness(entry, this.#store.now());
    if (state === "gone") return undefined;
    const copies = Copies.of(entry?.value);
    if (copies === undefined) return undefined;
    if (state === "fresh") this.counts.hits += 1;
    else {
      this.counts.staleHits += 1;
      this.#refresh(job, entry);
    }
    return copies;
  }

  // For one caller who waits as long as the cache lets him, and then hears nothing of it.
  #refresh(job: Job, seen: Found): void {
    if (this.#refreshes.has(job.key) || this.#permits.busy >= this.#options.maxLoads) return;
    const flight = this.#open(job.key, this.#refreshes);
    flight.join({ timeoutMs: this.#options.loadTimeoutMs, signal: undefined }).catch(() => {});
    this.#track(flight, this.#refreshes, this.#lead(flight, job, { seen, waits: false }));
  }

  async #lead(flight: Flight, job: Job, sharing: Sharing | undefined): Promise<void> {
    if (!this.#permits.tryAcquire()) await this.#permits.acquire(flight.signal);
    let release: (() => void) | undefined = () => {
      release = undefined;
      flight.signal.removeEventListener("abort", releaseOnce);
      this.#permits.release();
    };
    // A loader that doesn't heed its signal must not take the place of another for good.
    const releaseOnce = (): void => release?.();
    flight.signal.addEventListener("abort", releaseOnce);
    try {
      await this.#loadOrShare(flight, job, sharing);
    } finally {
      releaseOnce();
    }
  }

  async #loadOrShare(flight: Flight, job: Job, sharing: Sharing | undefined): Promise<void> {
    const { shared } = this.#store;
    const { key } = job;
    if (shared !== undefined && sharing !== undefined) {
      const { signal } = flight;
      const take = (entry: Entry): boolean => this.#take(flight, entry);
      const load = (keeps: boolean): Promise<Found> => this.#load(flight, job, keeps);
      const mayKeep = (): boolean => flight.mayKeep;
      await loadShared({ key, shared, signal, waits: sharing.waits, take, load, mayKeep }, sharing.seen);
      return;
    }
    await this.#load(flight, job, shared === undefined);
  }

  #take(flight: Flight, entry: Entry): boolean {
    const copies = freshness(entry, this.#store.now()) === "gone" ? undefined : Copies.of(entry.value);
    if (copies !== undefined) flight.give(copies);
    return copies !== undefined;
  }

  // Has the loader called, and gives what comes to all who wait. Returns what is still to be kept where it is shared.
  async #load(flight: Flight, job: Job, keeps: boolean): Promise<Found> {
    const { key, load } = job;
    const startedAt = performance.now();
    this.counts.loads += 1;
    try {
      const value = await load(flight.signal);
      const encoded = value === undefined ? nothing : encodeValue(value, this.#options.maxValueBytes);
      const entry = keeps ? loadedEntry(encoded, job.settings, this.#store.now()) : undefined;
      this.#publish(key, startedAt, undefined);
      await this.#hand(flight, encoded, entry);
      return entry;
    } catch (error) {
      this.counts.loadErrors += 1;
      this.#publish(key, startedAt, error);
      throw error;
    }
  }

  async #hand(flight: Flight, encoded: Encoded, entry: Found): Promise<void> {
    // What isn't kept isn't for those who ask from now on; what is, they get from here until it is stored.
    const { shared } = this.#store;
    if (entry !== undefined && shared === undefined && flight.mayKeep)
      await this.#store.write([[flight.key, entry]]);
    if (entry === undefined || shared === undefined) this.#drop(flight);
    const copies = Copies.of(encoded);
    if (copies !== undefined) flight.give(copies);
  }

  #drop(flight: Flight): void {
    drop(this.#flights, flight);
    drop(this.#refreshes, flight);
  }

  #publish(key: string, startedAt: number, error: unknown): void {
    if (!channels.cacheLoad.hasSubscribers) return;
    const durationMs = performance.now() - startedAt;
    channels.cacheLoad.publish({ cache: this.#options.name, key, durationMs, error });
  }
}

// Unless another flight has taken its place.
function drop(flights: Map<string, Flight>, flight: Flight): void {
  if (flights.get(flight.key) === flight) flights.delete(flight.key);
}
