import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CacheOptions, resolveCacheOptions } from "../../../../../src/pools/cache/cache-options.ts";
import { encodeValue } from "../../../../../src/pools/cache/cache-value.ts";
import type { Entry } from "../../../../../src/pools/cache/entry.ts";
import { MemoryStore } from "../../../../../src/pools/cache/memory/memory-store.ts";
import { waitFor } from "../../../../support/wait-for.ts";

const store = (options: CacheOptions = {}): MemoryStore =>
  new MemoryStore(resolveCacheOptions(options, "memory"));

function entry(value: unknown, keptMs = 60_000): Entry {
  const until = performance.now() + keptMs;
  return { value: encodeValue(value, 1e6), softAt: until, hardAt: until };
}

describe("MemoryStore", () => {
  it("keeps so many entries, and drops what was not used for the longest time", () => {
    const kept = store({ maxEntries: 2 });
    kept.write([
      ["a", entry(1)],
      ["b", entry(2)],
    ]);
    kept.read("a");
    kept.write([["c", entry(3)]]);
    assert.deepEqual(
      kept.readMany(["a", "b", "c"]).map((one) => one?.value.payload),
      ["1", undefined, "3"],
    );
    assert.equal(kept.stats().entries, 2);
  });

  it("keeps so many bytes", () => {
    const kept = store({ maxBytes: 10_000 });
    for (let at = 0; at < 100; at++) kept.write([[`key${at}`, entry("x".repeat(1_000))]]);
    const { entries = 0, bytes = 0 } = kept.stats();
    assert.ok(entries > 3 && entries < 10, `${entries}`);
    assert.ok(bytes <= 10_000, `${bytes}`);
  });

  it("counts what an entry takes besides its value, so that empty ones have an end too", () => {
    const kept = store({ maxBytes: 10_000, maxEntries: 1_000 });
    for (let at = 0; at < 1_000; at++) kept.write([[`${at}`, entry("")]]);
    assert.ok((kept.stats().entries ?? 0) < 100);
  });

  it("keeps nothing that is larger than all of it, and not what that was to replace", () => {
    const kept = store({ maxBytes: 1_000 });
    kept.write([["a", entry("small")]]);
    kept.write([["a", entry("x".repeat(2_000))]]);
    assert.equal(kept.read("a"), undefined);
  });

  it("forgets what has ended", async () => {
    const kept = store();
    kept.write([["a", entry(1, 5)]]);
    await waitFor("its end", () => kept.read("a") === undefined);
    assert.equal(kept.stats().entries, 0);
    kept.write([["b", entry(1, -1)]]);
    assert.equal(kept.delete(["b", "c"]), 0);
  });

  it("deletes, and tells how many there were", async () => {
    const kept = store();
    kept.write([["a", entry(1)]]);
    assert.equal(kept.delete(["a", "b"]), 1);
    await kept.open();
    assert.deepEqual(kept.health(), { status: "up" });
    kept.write([["a", entry(1)]]);
    await kept.close();
    assert.equal(kept.stats().entries, 0);
  });
});
