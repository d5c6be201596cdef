// A process that asks a cache for a key as often as it is told to, and tells its parent of each call of its loader. Arguments: URL,
// options as JSON. The loader ends when the parent says so, or after so many milliseconds.
import { setTimeout as sleep } from "node:timers/promises";
import { openCache } from "../../src/pools/cache/open-cache.ts";

/** What the parent asks for. */
export interface Asking {
  readonly key: string;
  readonly askers: number;
  readonly value: unknown;
  /** How long the loader takes; null for as long as the process lives. */
  readonly loaderMs: number | null;
  readonly ttlMs: number;
  readonly staleMs?: number;
}

/** What it tells. */
export type AskerSays =
  | { readonly says: "ready" }
  | { readonly says: "loading" }
  | { readonly says: "values"; readonly values: unknown[] };

const [url = "", options = "{}"] = process.argv.slice(2);
const cache = await openCache(url, JSON.parse(options));
await cache.open();

process.on("message", (asking: Asking) => void ask(asking));
process.on("disconnect", () => process.exit());
say({ says: "ready" });

async function ask({ key, askers, value, loaderMs, ttlMs, staleMs = 0 }: Asking): Promise<void> {
  const load = async (): Promise<unknown> => {
    say({ says: "loading" });
    if (loaderMs === null) await new Promise(() => {});
    await sleep(loaderMs ?? 0);
    return value;
  };
  const asked = Array.from({ length: askers }, () => cache.getOrLoad(key, { ttlMs, staleMs }, load));
  say({ says: "values", values: await Promise.all(asked) });
}

function say(message: AskerSays): void {
  process.send?.(message);
}
