import type { PoolStats } from "../pool-stats.ts";
import type { Resource } from "../resource.ts";

/** What can be kept: what JSON can carry, or bytes. `undefined` can't: it says that nothing is there. */
export type Cacheable = unknown;

/** How long a value is kept. */
export interface SetOptions {
  /** For so many milliseconds. @default the cache's `ttlMs` */
  readonly ttlMs?: number;
}

/** How a value is loaded and kept. */
export interface LoadOptions extends SetOptions {
  /** After `ttlMs`, for so many milliseconds more, the old value is given at once while one caller loads the new one. @default 0 */
  readonly staleMs?: number;
  /** What the loader says isn't there (`null` or `undefined`) is remembered for so long; 0 for not at all. @default a tenth of `ttlMs` */
  readonly negativeTtlMs?: number;
  /** Up to this share of a lifetime is taken off at random, so that what was loaded together doesn't end together. @default 0.1 */
  readonly jitter?: number;
  /** The caller waits no longer than this for the load; null for as long as it takes. @default the cache's `loadTimeoutMs` */
  readonly timeoutMs?: number | null;
  /** The caller waits no longer once this is aborted. The load goes on as long as another caller waits for it. */
  readonly signal?: AbortSignal;
}

/** What a cache does and has done. A cache in memory has no connections: what counts them and their work stays 0. */
export interface CacheStats extends PoolStats {
  /** How often `getOrLoad` found a value that was good. Callers who asked together for what isn't in this process count once. */
  readonly hits: number;
  /** How often it found one that was stale, and gave it. */
  readonly staleHits: number;
  /** How often it found none. */
  readonly misses: number;
  /** How often a loader was called. */
  readonly loads: number;
  /** How often it failed. */
  readonly loadErrors: number;
  /** How many values are kept; undefined where that isn't known, as in Redis. */
  readonly entries: number | undefined;
  /** How many bytes they take, with their keys; undefined where that isn't known. */
  readonly bytes: number | undefined;
}

/** A cache, in this process or shared through Redis. */
export interface Cache extends Resource {
  /** The value under a key; undefined if there is none. */
  get<T = unknown>(key: string): Promise<T | undefined>;
  /** The values under several keys, in their order, in one round trip. */
  getMany<T = unknown>(keys: readonly string[]): Promise<(T | undefined)[]>;
  /** Keeps a value under a key. @throws SLUICE_UNCACHEABLE, SLUICE_INVALID_KEY */
  set(key: string, value: Cacheable, options?: SetOptions): Promise<void>;
  /** Keeps several values, in one round trip. @throws as {@link Cache.set} */
  setMany(entries: Iterable<readonly [key: string, value: Cacheable]>, options?: SetOptions): Promise<void>;
  /** Forgets what is under a key. @returns whether there was something */
  delete(key: string): Promise<boolean>;
  /** Forgets what is under several keys. @returns how many there were */
  deleteMany(keys: readonly string[]): Promise<number>;
  /**
   * The value under a key, loaded if there is none: once, however many ask at a time, here and, where the cache is shared, in all processes.
   * The loader's failure is given to all who wait for it, and isn't kept.
   *
   * A cache whose server is down doesn't stand in the way: the value is loaded, once per process, and not kept.
   *
   * @param load is given a signal that aborts when nobody waits any more
   * @throws what the loader throws; SLUICE_LOAD_TIMEOUT, SLUICE_LOAD_CANCELLED
   */
  getOrLoad<T>(key: string, options: LoadOptions, load: (signal: AbortSignal) => Promise<T> | T): Promise<T>;
  /** Gauges, counters and percentiles. */
  stats(): CacheStats;
}
