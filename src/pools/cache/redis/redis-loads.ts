import type { Entry } from "../entry.ts";
import type { Claim, SharedLoads, Watch } from "../shared-loads.ts";
import type { Announcements } from "./announcements.ts";
import { headerOf, pack, unpack } from "./envelope.ts";
import type { RedisKeys } from "./redis-keys.ts";
import type { RedisPool } from "./redis-pool.ts";
import { claimScript, type RedisScript, releaseScript, renewScript, storeScript } from "./redis-scripts.ts";

/** Has processes load a key once among them, by a lock in Redis that is known by its token. */
export class RedisLoads implements SharedLoads {
  readonly claimMs: number;
  readonly #pool: RedisPool;
  readonly #keys: RedisKeys;
  readonly #announcements: Announcements;

  constructor(pool: RedisPool, keys: RedisKeys, announcements: Announcements, claimMs: number) {
    this.#pool = pool;
    this.#keys = keys;
    this.#announcements = announcements;
    this.claimMs = claimMs;
  }

  async claim(key: string, token: string, seen: Entry | undefined): Promise<Claim> {
    const header = seen === undefined ? "" : headerOf(seen);
    const keys = [this.#keys.value(key), this.#keys.lock(key)];
    const reply = await this.#eval(claimScript, keys, [header, token, String(Math.ceil(this.claimMs))]);
    if (typeof reply === "number") {
      return reply === 0 ? { kind: "ours" } : { kind: "theirs", expiresInMs: reply };
    }
    const entry = unpack(reply);
    // It has our mark, but can't be read: as if it weren't there, once it has been deleted.
    if (entry === undefined) await this.#pool.one("DEL", ["DEL", this.#keys.value(key)]);
    return entry === undefined ? this.claim(key, token, undefined) : { kind: "found", entry };
  }

  async renew(key: string, token: string): Promise<boolean> {
    const reply = await this.#eval(
      renewScript,
      [this.#keys.lock(key)],
      [token, String(Math.ceil(this.claimMs))],
    );
    return reply === 1;
  }

  async store(key: string, token: string, entry: Entry): Promise<boolean> {
    const keys = [this.#keys.value(key), this.#keys.lock(key)];
    const keptMs = String(Math.max(1, Math.ceil(entry.hardAt - Date.now())));
    const args = [token, pack(entry), keptMs, this.#keys.channel(key)];
    return (await this.#eval(storeScript, keys, args)) === 1;
  }

  async release(key: string, token: string): Promise<void> {
    await this.#eval(releaseScript, [this.#keys.lock(key)], [token, this.#keys.channel(key)]);
  }

  watch(key: string): Watch {
    return this.#announcements.watch(this.#keys.channel(key));
  }

  // By its hash, for a connection begins by telling the server all of them; it may have been told to forget them since.
  async #eval({ name, text, sha }: RedisScript, keys: string[], args: (string | Buffer)[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#pool.one(name, ["EVALSHA", sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("NOSCRIPT"))) throw error;
      return this.#pool.one(name, ["EVAL", text, ...rest]);
    }
  }
}
