import * as z from "zod";
import { givenOptions } from "../../errors/index.ts";
import { MAX_TIMER_MS } from "../../internal/within.ts";

/** How a database is opened. */
export interface DatabaseOptions {
  /** What it is called in errors, health and statistics. @default the scheme of its URL */
  readonly name?: string;
  /** Whether a server refuses to start without it. @default true */
  readonly required?: boolean;
  /** The most connections, or for SQLite threads: one that writes, the others read. @default 10, for SQLite 4 */
  readonly maxConnections?: number;
  /** How many callers may wait for a connection; one more is refused at once with SLUICE_POOL_FULL. @default 10_000 */
  readonly maxWaiting?: number;
  /** Whoever has waited for a connection for so many milliseconds is refused with SLUICE_POOL_TIMEOUT. @default 5_000 */
  readonly acquireTimeoutMs?: number;
  /** A query or a transaction is cancelled after so many milliseconds of running; null for never. @default 30_000 */
  readonly queryTimeoutMs?: number | null;
  /** A query that has more rows is stopped with SLUICE_TOO_MANY_ROWS. @default 10_000 */
  readonly maxRows?: number;
  /** A connection without work is closed after so many milliseconds. @default 60_000 */
  readonly idleTimeoutMs?: number;
  /** A connection is replaced once it is so many milliseconds old, less a random part. @default 1_800_000 */
  readonly maxLifetimeMs?: number;
  /** Making a connection may take so many milliseconds. @default 5_000 */
  readonly connectTimeoutMs?: number;
}

/** All options of a database, filled and checked. */
export type ResolvedDatabaseOptions = Required<DatabaseOptions>;

/** What a database is opened with where nothing else is said; the name and the number of connections depend on its URL. */
export const databaseDefaults: Omit<ResolvedDatabaseOptions, "name" | "maxConnections"> = Object.freeze({
  required: true,
  maxWaiting: 10_000,
  acquireTimeoutMs: 5_000,
  queryTimeoutMs: 30_000,
  maxRows: 10_000,
  idleTimeoutMs: 60_000,
  maxLifetimeMs: 1_800_000,
  connectTimeoutMs: 5_000,
});

const positive = z.int().positive();
const duration = positive.max(MAX_TIMER_MS);

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  required: z.boolean().optional(),
  maxConnections: positive.optional(),
  maxWaiting: z.int().nonnegative().optional(),
  acquireTimeoutMs: duration.optional(),
  queryTimeoutMs: duration.nullable().optional(),
  maxRows: positive.optional(),
  idleTimeoutMs: duration.optional(),
  maxLifetimeMs: duration.optional(),
  connectTimeoutMs: duration.optional(),
});

/**
 * Fills in what isn't given.
 *
 * @throws SLUICE_INVALID_OPTION for the first one that is wrong
 */
export function resolveDatabaseOptions(
  options: DatabaseOptions,
  fallback: Pick<ResolvedDatabaseOptions, "name" | "maxConnections">,
): ResolvedDatabaseOptions {
  return { ...databaseDefaults, ...fallback, ...givenOptions(schema, options) };
}
