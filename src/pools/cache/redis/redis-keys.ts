/** What the keys and channels of a cache are called in Redis. Each kind has a letter, so that no key can be taken for a lock. */
export class RedisKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  value(key: string): string {
    return `${this.#prefix}v:${key}`;
  }

  lock(key: string): string {
    return `${this.#prefix}l:${key}`;
  }

  /** Where it is told that a key was loaded, set or deleted, or that its loader failed. */
  channel(key: string): string {
    return `${this.#prefix}n:${key}`;
  }
}
