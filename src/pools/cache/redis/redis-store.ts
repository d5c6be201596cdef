import type { ResolvedCacheOptions } from "../cache-options.ts";
import type { CacheStore, StoreStats } from "../cache-store.ts";
import type { Entry } from "../entry.ts";
import { Announcements } from "./announcements.ts";
import { pack, unpack } from "./envelope.ts";
import { loadRedisDriver, type RedisArguments, type RedisDriver } from "./redis-client.ts";
import { isWrongType } from "./redis-errors.ts";
import { RedisKeys } from "./redis-keys.ts";
import { RedisLoads } from "./redis-loads.ts";
import { RedisPool } from "./redis-pool.ts";
import { parseRedisUrl } from "./redis-url.ts";

/** Makes a store of a Redis; connects to it when it is first used. @throws SLUICE_INVALID_URL, SLUICE_DRIVER_MISSING */
export async function redisStore(url: URL, options: ResolvedCacheOptions): Promise<RedisStore> {
  return new RedisStore(await loadRedisDriver(parseRedisUrl(url), options), options);
}

/** Entries in Redis, shared by all processes whose keys begin alike. */
export class RedisStore implements CacheStore {
  readonly shared: RedisLoads;
  readonly #pool: RedisPool;
  readonly #keys: RedisKeys;
  readonly #announcements: Announcements;

  constructor(driver: RedisDriver, options: ResolvedCacheOptions) {
    this.#pool = new RedisPool(driver, options);
    this.#keys = new RedisKeys(options.keyPrefix);
    this.#announcements = new Announcements(driver.create);
    this.shared = new RedisLoads(this.#pool, this.#keys, this.#announcements, options.lockMs);
  }

  /** The wall clock, which is what processes have in common. */
  now(): number {
    return Date.now();
  }

  async read(key: string): Promise<Entry | undefined> {
    try {
      return unpack(await this.#pool.one("GET", ["GET", this.#keys.value(key)]));
    } catch (error) {
      // Of another program's, as text without our mark is.
      if (isWrongType(error)) return undefined;
      throw error;
    }
  }

  async readMany(keys: readonly string[]): Promise<(Entry | undefined)[]> {
    const replies = await this.#pool.one("MGET", ["MGET", ...keys.map((key) => this.#keys.value(key))]);
    return Array.isArray(replies) ? replies.map(unpack) : keys.map(() => undefined);
  }

  async write(entries: readonly (readonly [key: string, entry: Entry])[]): Promise<void> {
    const now = this.now();
    const sets = entries.map(([key, entry]): RedisArguments => {
      const keptMs = Math.max(1, Math.ceil(entry.hardAt - now));
      return ["SET", this.#keys.value(key), pack(entry), "PX", String(keptMs)];
    });
    await this.#withoutLocks(
      "SET",
      entries.map(([key]) => key),
      sets,
    );
  }

  async delete(keys: readonly string[]): Promise<number> {
    const del = ["DEL", ...keys.map((key) => this.#keys.value(key))];
    const [deleted] = await this.#withoutLocks("DEL", keys, [del]);
    return Number(deleted);
  }

  async open(): Promise<void> {
    await this.#pool.open();
  }

  health(): ReturnType<CacheStore["health"]> {
    const reason = this.#pool.downReason;
    return reason === undefined ? { status: "up" } : { status: "down", reason };
  }

  stats(): StoreStats {
    return { ...this.#pool.stats(), entries: undefined, bytes: undefined };
  }

  async close(drainMs: number): Promise<void> {
    await this.#pool.close(drainMs);
    this.#announcements.close();
  }

  // Without their locks, those who are loading these keys can't store what is older than this. Those who wait for them hear of it.
  async #withoutLocks(
    statement: string,
    keys: readonly string[],
    commands: readonly RedisArguments[],
  ): Promise<unknown[]> {
    const unlock = ["DEL", ...keys.map((key) => this.#keys.lock(key))];
    const [unlocked, ...replies] = await this.#pool.all(statement, [unlock, ...commands]);
    if (unlocked !== 0) this.#announce(keys);
    return replies;
  }

  #announce(keys: readonly string[]): void {
    const publishes = keys.map((key) => ["PUBLISH", this.#keys.channel(key), ""]);
    // Those who wait look for themselves from time to time.
    this.#pool.all("PUBLISH", publishes).catch(() => {});
  }
}
