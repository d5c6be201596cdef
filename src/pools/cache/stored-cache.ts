import { invalidOption, SluiceError } from "../../errors/index.ts";
import { type ResourceCloseOptions, type ResourceHealth, resolveDrainMs } from "../resource.ts";
import type { Cache, Cacheable, CacheStats, LoadOptions, SetOptions } from "./cache.ts";
import { checkKey, checkKeys } from "./cache-key.ts";
import type { ResolvedCacheOptions } from "./cache-options.ts";
import type { CacheStore } from "./cache-store.ts";
import { encodeValue } from "./cache-value.ts";
import { Copies, type Entry, freshness } from "./entry.ts";
import { resolveLoadOptions, resolveTtl } from "./load-settings.ts";
import { Loads } from "./loads.ts";

/** A cache over a store: checks what comes in, copies what goes out, and has keys loaded once. */
export class StoredCache implements Cache {
  readonly #store: CacheStore;
  readonly #options: ResolvedCacheOptions;
  readonly #loads: Loads;
  #refused = 0;
  #closing: Promise<void> | undefined;

  constructor(store: CacheStore, options: ResolvedCacheOptions) {
    this.#store = store;
    this.#options = options;
    this.#loads = new Loads(store, options, () => {
      this.#refused += 1;
    });
  }

  get name(): string {
    return this.#options.name;
  }

  get required(): boolean {
    return this.#options.required;
  }

  async get<T = unknown>(key: string): Promise<T | undefined> {
    this.#checkOpen();
    checkKey(key);
    return this.#freshValue(await this.#store.read(key)) as T | undefined;
  }

  async getMany<T = unknown>(keys: readonly string[]): Promise<(T | undefined)[]> {
    this.#checkOpen();
    const checked = checkKeys(keys);
    const entries = checked.length === 0 ? [] : await this.#store.readMany(checked);
    return entries.map((entry) => this.#freshValue(entry) as T | undefined);
  }

  set(key: string, value: Cacheable, options: SetOptions = {}): Promise<void> {
    return this.setMany([[key, value]], options);
  }

  async setMany(
    entries: Iterable<readonly [key: string, value: Cacheable]>,
    options: SetOptions = {},
  ): Promise<void> {
    this.#checkOpen();
    const ttlMs = resolveTtl(options, this.#options);
    const made: [string, Entry][] = [];
    for (const [key, value] of entries) {
      checkKey(key);
      const until = this.#store.now() + ttlMs;
      made.push([
        key,
        { value: encodeValue(value, this.#options.maxValueBytes), softAt: until, hardAt: until },
      ]);
    }
    for (const [key] of made) this.#loads.overtake(key);
    if (made.length > 0) await this.#store.write(made);
  }

  async delete(key: string): Promise<boolean> {
    return (await this.deleteMany([key])) > 0;
  }

  async deleteMany(keys: readonly string[]): Promise<number> {
    this.#checkOpen();
    const checked = checkKeys(keys);
    for (const key of checked) this.#loads.overtake(key);
    return checked.length === 0 ? 0 : this.#store.delete(checked);
  }

  async getOrLoad<T>(
    key: string,
    options: LoadOptions,
    load: (signal: AbortSignal) => Promise<T> | T,
  ): Promise<T> {
    this.#checkOpen();
    checkKey(key);
    const settings = resolveLoadOptions(options, this.#options);
    if (typeof load !== "function") throw invalidOption("load", "it must be a function");
    return this.#loads.ask(key, settings, load) as Promise<T>;
  }

  async open(): Promise<void> {
    this.#checkOpen();
    await this.#store.open();
  }

  health(): ResourceHealth {
    return this.#closing === undefined ? this.#store.health() : { status: "closed" };
  }

  stats(): CacheStats {
    const stats = this.#store.stats();
    const waiting = stats.waiting + this.#loads.asking;
    return { ...stats, ...this.#loads.counts, waiting, refused: stats.refused + this.#refused };
  }

  close(options: ResourceCloseOptions = {}): Promise<void> {
    try {
      const drainMs = resolveDrainMs(options);
      this.#closing ??= this.#drain(drainMs);
      return this.#closing;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #drain(drainMs: number): Promise<void> {
    const until = performance.now() + drainMs;
    await this.#loads.close(drainMs);
    await this.#store.close(Math.max(0, until - performance.now()));
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new SluiceError("SLUICE_POOL_CLOSED", { name: this.name });
  }

  #freshValue(entry: Entry | undefined): unknown {
    return freshness(entry, this.#store.now()) === "fresh" ? Copies.of(entry?.value)?.take() : undefined;
  }
}
