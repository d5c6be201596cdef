import { SluiceError } from "../../errors/index.ts";
import { invalidUrl } from "../invalid-url.ts";
import type { Cache } from "./cache.ts";
import { type CacheOptions, type ResolvedCacheOptions, resolveCacheOptions } from "./cache-options.ts";
import type { CacheStore } from "./cache-store.ts";
import { MemoryStore } from "./memory/memory-store.ts";
import { StoredCache } from "./stored-cache.ts";

const SCHEMES = "memory:, redis: and rediss:";

/**
 * Makes a cache: `memory:` in this process, `redis://[user[:password]@]host[:port][/database]` shared by many, `rediss://` the same
 * over TLS. It connects when it is first used, or by {@link Cache.open}.
 *
 * @throws SLUICE_UNKNOWN_SCHEME, SLUICE_INVALID_URL, SLUICE_INVALID_OPTION, SLUICE_DRIVER_MISSING
 */
export async function openCache(url: string | URL, options: CacheOptions = {}): Promise<Cache> {
  const parsed = parse(url);
  const resolved = resolveCacheOptions(options, parsed.protocol.slice(0, -1));
  return new StoredCache(await storeOf(parsed, resolved), resolved);
}

function parse(url: unknown): URL {
  try {
    return new URL(String(url));
  } catch (error) {
    throw notAUrl(error);
  }
}

// It isn't shown: nobody knows where the password is in it.
function notAUrl(cause: unknown): SluiceError {
  const problem = "it must be one, and begin with memory:, redis: or rediss:";
  return new SluiceError("SLUICE_INVALID_URL", { url: "of the cache", problem }, { cause });
}

async function storeOf(url: URL, options: ResolvedCacheOptions): Promise<CacheStore> {
  switch (url.protocol) {
    case "memory:":
      if (url.href !== "memory:") throw invalidUrl(url, "nothing follows memory:");
      return new MemoryStore(options);
    case "redis:":
    case "rediss:": {
      const { redisStore } = await import("./redis/redis-store.ts");
      return redisStore(url, options);
    }
    default:
      throw new SluiceError("SLUICE_UNKNOWN_SCHEME", { schemes: SCHEMES, scheme: url.protocol });
  }
}
