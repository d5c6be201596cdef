import type { PoolStats } from "../pool-stats.ts";
import type { ResourceHealth } from "../resource.ts";
import type { Entry } from "./entry.ts";
import type { SharedLoads } from "./shared-loads.ts";

/** What keeps entries: all that a cache in memory and one in Redis do differently. Keys and entries have been checked. */
export interface CacheStore {
  /** What has processes load a key once among them; undefined if it isn't shared. */
  readonly shared: SharedLoads | undefined;
  /** The clock of {@link Entry.softAt} and {@link Entry.hardAt}, in milliseconds. */
  now(): number;
  /** Entries that are gone may be among them. A store that needs no waiting gives no promise. */
  read(key: string): Entry | undefined | Promise<Entry | undefined>;
  readMany(keys: readonly string[]): (Entry | undefined)[] | Promise<(Entry | undefined)[]>;
  /** Keeps entries. Whoever is loading one of the keys in another process doesn't overwrite it. */
  write(entries: readonly (readonly [key: string, entry: Entry])[]): void | Promise<void>;
  /** Drops entries. Whoever is loading one of the keys in another process doesn't bring it back. @returns how many there were */
  delete(keys: readonly string[]): number | Promise<number>;
  open(): Promise<void>;
  health(): Exclude<ResourceHealth, { status: "closed" }>;
  stats(): StoreStats;
  /** Waits for commands under way, for so many milliseconds at the most. */
  close(drainMs: number): Promise<void>;
}

/** What a store counts. */
export interface StoreStats extends PoolStats {
  /** How many entries it holds; undefined if it can't tell. */
  readonly entries: number | undefined;
  /** How many bytes they take; undefined if it can't tell. */
  readonly bytes: number | undefined;
}
