import { LRUCache } from "lru-cache";
import { noStats } from "../../pool-stats.ts";
import type { ResolvedCacheOptions } from "../cache-options.ts";
import type { CacheStore, StoreStats } from "../cache-store.ts";
import { encodedBytes } from "../cache-value.ts";
import type { Entry } from "../entry.ts";

// What an entry takes besides its key and its value: roughly, so that ten million empty values don't count as nothing.
const ENTRY_BYTES = 150;

/** Entries in this process: so many at the most, and of so many bytes; what was not used for the longest time goes first. */
export class MemoryStore implements CacheStore {
  readonly shared: undefined;
  readonly #entries: LRUCache<string, Entry>;

  constructor(options: ResolvedCacheOptions) {
    const { maxEntries: max, maxBytes: maxSize } = options;
    this.#entries = new LRUCache({ max, maxSize, sizeCalculation: bytesOf });
  }

  now(): number {
    return performance.now();
  }

  read(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.now() < entry.hardAt) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  readMany(keys: readonly string[]): (Entry | undefined)[] {
    return keys.map((key) => this.read(key));
  }

  // One that is larger than all of the cache isn't kept, and what it was to replace neither.
  write(entries: readonly (readonly [key: string, entry: Entry])[]): void {
    for (const [key, entry] of entries) this.#entries.set(key, entry);
  }

  delete(keys: readonly string[]): number {
    let deleted = 0;
    for (const key of keys) {
      if (this.read(key) !== undefined && this.#entries.delete(key)) deleted += 1;
    }
    return deleted;
  }

  async open(): Promise<void> {}

  health(): { readonly status: "up" } {
    return { status: "up" };
  }

  stats(): StoreStats {
    return { ...noStats, entries: this.#entries.size, bytes: this.#entries.calculatedSize };
  }

  async close(): Promise<void> {
    this.#entries.clear();
  }
}

function bytesOf(entry: Entry, key: string): number {
  return ENTRY_BYTES + key.length * 2 + encodedBytes(entry.value);
}
