import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Deferred } from "../../../../src/internal/deferred.ts";
import { resolveCacheOptions } from "../../../../src/pools/cache/cache-options.ts";
import { MemoryStore } from "../../../../src/pools/cache/memory/memory-store.ts";
import { StoredCache } from "../../../../src/pools/cache/stored-cache.ts";
import { inTime } from "../../../support/wait-for.ts";

class BadStore extends MemoryStore {
  closed: number[] = [];

  override read(): never {
    throw new Error("bad");
  }

  override async close(drainMs = 0): Promise<void> {
    this.closed.push(drainMs);
  }
}

const options = resolveCacheOptions({ name: "mine", required: false }, "memory");

// What every cache does is in the contract that memory and Redis are held to.
describe("StoredCache", () => {
  it("has the name and the rest from its options", () => {
    const cache = new StoredCache(new MemoryStore(options), options);
    assert.equal(cache.name, "mine");
    assert.equal(cache.required, false);
    assert.deepEqual(cache.health(), { status: "up" });
  });

  it("rejects, and doesn't throw, whatever goes wrong", async () => {
    const cache = new StoredCache(new BadStore(options), options);
    await assert.rejects(cache.get("a"), /bad/);
    await assert.rejects(cache.getMany(["a"]), /bad/);
    await assert.rejects(
      cache.getOrLoad("a", {}, () => 1),
      /bad/,
    );
    await assert.rejects(cache.setMany(1 as never), TypeError);
    for (const keys of [1, "abc", null])
      await assert.rejects(cache.getMany(keys as never), { code: "SLUICE_INVALID_KEY" });
  });

  it("keeps its figures together", async () => {
    const cache = new StoredCache(new MemoryStore(options), options);
    await cache.getOrLoad("a", {}, () => 1);
    await cache.getOrLoad("a", {}, () => 1);
    const { hits, misses, loads, loadErrors, staleHits, entries, waiting, refused } = cache.stats();
    assert.deepEqual(
      { hits, misses, loads, loadErrors, staleHits, entries, waiting, refused },
      { hits: 1, misses: 1, loads: 1, loadErrors: 0, staleHits: 0, entries: 1, waiting: 0, refused: 0 },
    );
  });

  it("closes its store once, with what is left of the time", async () => {
    const store = new BadStore(options);
    const cache = new StoredCache(store, options);
    await inTime("closing", Promise.all([cache.close({ drainMs: 50 }), cache.close()]));
    assert.equal(store.closed.length, 1);
    assert.ok((store.closed[0] ?? 100) <= 50);
  });

  it("waits for a load for ever if it is told so, and not at all with 0", async () => {
    for (const drainMs of [0, Number.POSITIVE_INFINITY]) {
      const cache = new StoredCache(new MemoryStore(options), options);
      const held = new Deferred<number>();
      const loaded = cache.getOrLoad("a", {}, () => held.promise).catch(({ code }) => code);
      const closed = cache.close({ drainMs });
      if (drainMs > 0) held.resolve(1);
      await inTime("closing", closed);
      assert.equal(await loaded, drainMs > 0 ? 1 : "SLUICE_POOL_CLOSED");
    }
  });

  it("stays open when it is told in a wrong way how to close, and says so each time", async () => {
    const cache = new StoredCache(new MemoryStore(options), options);
    for (const drainMs of [Number.NaN, -1, "5" as never])
      await assert.rejects(cache.close({ drainMs }), { code: "SLUICE_INVALID_OPTION", message: /drainMs/ });
    assert.equal(await cache.get("a"), undefined);
    await cache.close();
    await assert.rejects(cache.close({ drainMs: -1 }), { code: "SLUICE_INVALID_OPTION" });
  });
});
