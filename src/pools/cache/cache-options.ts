import type { ConnectionOptions } from "node:tls";
import * as z from "zod";
import { givenOptions } from "../../errors/index.ts";

/** How a cache is opened. */
export interface CacheOptions {
  /** What it is called in errors, health and statistics. @default the URL's scheme */
  readonly name?: string;
  /** Whether a server refuses to start without it. @default true */
  readonly required?: boolean;
  /** How long a value is kept that is given no `ttlMs` of its own, in milliseconds. @default 300_000 */
  readonly ttlMs?: number;
  /** How long a caller of `getOrLoad` waits, in milliseconds; null for as long as it takes. @default 30_000 */
  readonly loadTimeoutMs?: number | null;
  /** So many keys are loaded at a time by this process; more wait for their turn. @default 1_000 */
  readonly maxLoads?: number;
  /**
   * So many keys may wait for their turn to be loaded, so many commands for theirs, and ten times as many callers for keys that are
   * being loaded. One more is SLUICE_POOL_FULL. @default 10_000
   */
  readonly maxWaiting?: number;
  /** So long a key or a command waits for its turn, in milliseconds. Then it is SLUICE_POOL_TIMEOUT. @default 5_000 */
  readonly acquireTimeoutMs?: number;
  /** The largest value, in bytes of JSON in UTF-8, or of its own. @default 1_048_576 (1 MiB) */
  readonly maxValueBytes?: number;
  /** `memory:`: so many values are kept; one more drops the one that was not used for the longest time. @default 10_000 */
  readonly maxEntries?: number;
  /** `memory:`: so many bytes of keys and values are kept. @default 67_108_864 (64 MiB) */
  readonly maxBytes?: number;
  /** `redis:`: what keys begin with in Redis. Caches that are to share their values have the same. @default sluice: */
  readonly keyPrefix?: string;
  /** `redis:`: connections for commands. Many callers share one. Another one is for notifications, once they are needed. @default 1 */
  readonly connections?: number;
  /** `redis:`: so many commands are under way at a time; more wait for their turn. @default 1_000 */
  readonly maxInFlight?: number;
  /** `redis:`: how long connecting may take, in milliseconds. @default 5_000 */
  readonly connectTimeoutMs?: number;
  /** `redis:`: how long a command may take once it has its turn, in milliseconds. Then it is SLUICE_QUERY_TIMEOUT. @default 1_000 */
  readonly commandTimeoutMs?: number;
  /** `redis:`: a connection is replaced after so many milliseconds, less up to a tenth at random. @default 1_800_000 (30 minutes) */
  readonly maxLifetimeMs?: number;
  /**
   * `redis:`: how long another process waits at the most before it loads a key itself whose loading process has died, in
   * milliseconds. A process whose event loop is held for longer loses its turn. @default 5_000
   */
  readonly lockMs?: number;
  /** `rediss:`: certificates and the like, as for `tls.connect` of Node. @default Node's own */
  readonly tls?: ConnectionOptions;
}

/** All options, filled and checked. */
export type ResolvedCacheOptions = Required<Omit<CacheOptions, "tls">> & Pick<CacheOptions, "tls">;

/** What is used where an option isn't given. The name is the URL's scheme. */
export const cacheDefaults: Omit<ResolvedCacheOptions, "name" | "tls"> = Object.freeze({
  required: true,
  ttlMs: 300_000,
  loadTimeoutMs: 30_000,
  maxLoads: 1_000,
  maxWaiting: 10_000,
  acquireTimeoutMs: 5_000,
  maxValueBytes: 1_048_576,
  maxEntries: 10_000,
  maxBytes: 67_108_864,
  keyPrefix: "sluice:",
  connections: 1,
  maxInFlight: 1_000,
  connectTimeoutMs: 5_000,
  commandTimeoutMs: 1_000,
  maxLifetimeMs: 1_800_000,
  lockMs: 5_000,
});

/** 34 years: what is to be kept for longer isn't kept in a cache. */
export const MAX_DURATION_MS: number = 2 ** 40;

const duration = z.number().positive().max(MAX_DURATION_MS);
const count = z.int().positive();

const cacheOptions = z.strictObject({
  name: z.string().min(1).optional(),
  required: z.boolean().optional(),
  ttlMs: duration.optional(),
  loadTimeoutMs: duration.nullable().optional(),
  maxLoads: count.optional(),
  maxWaiting: z.int().nonnegative().optional(),
  acquireTimeoutMs: duration.optional(),
  maxValueBytes: count.optional(),
  // What keeps the order of use takes its memory at once.
  maxEntries: count.max(10_000_000).optional(),
  maxBytes: count.optional(),
  keyPrefix: z.string().max(256).optional(),
  connections: count.max(64).optional(),
  maxInFlight: count.optional(),
  connectTimeoutMs: duration.optional(),
  commandTimeoutMs: duration.optional(),
  maxLifetimeMs: duration.optional(),
  lockMs: z.number().min(100).max(3_600_000).optional(),
  tls: z.looseObject({}).optional(),
});

/**
 * Fills and checks the options.
 *
 * @param scheme the URL's, for the name
 * @throws SLUICE_INVALID_OPTION
 */
export function resolveCacheOptions(options: CacheOptions, scheme: string): ResolvedCacheOptions {
  return { name: scheme, ...cacheDefaults, ...givenOptions(cacheOptions, options) };
}
