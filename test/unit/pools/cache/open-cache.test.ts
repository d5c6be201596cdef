import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openCache } from "../../../../src/pools/cache/open-cache.ts";

describe("openCache", () => {
  it("opens a cache in memory", async () => {
    const cache = await openCache("memory:");
    assert.equal(cache.name, "memory");
    await cache.set("a", 1);
    assert.equal(await cache.get("a"), 1);
    await cache.close();
  });

  it("makes one of a Redis, and connects to nothing", async () => {
    for (const url of ["redis://localhost:1", "rediss://localhost:1/3", new URL("redis://localhost:1")]) {
      const cache = await openCache(url);
      assert.match(cache.name, /^rediss?$/);
      assert.deepEqual(cache.health(), { status: "up" });
      assert.equal(cache.stats().connects, 0);
      await cache.close();
    }
  });

  for (const url of ["http://localhost", "sqlite:x", "memoryx:"]) {
    it(`doesn't know ${url}`, async () => {
      await assert.rejects(openCache(url), {
        code: "SLUICE_UNKNOWN_SCHEME",
        message: /memory:, redis: and rediss:/,
      });
    });
  }

  for (const url of ["", "localhost", "redis//secret@x", "memory:x", "redis:", "redis://h/x", undefined, 7]) {
    it(`refuses ${url}`, async () => {
      await assert.rejects(openCache(url as string), (error: Error & { code: string }) => {
        assert.ok(["SLUICE_INVALID_URL", "SLUICE_UNKNOWN_SCHEME"].includes(error.code), error.code);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    });
  }

  it("refuses options that are wrong", async () => {
    await assert.rejects(openCache("memory:", { ttlMs: -1 }), { code: "SLUICE_INVALID_OPTION" });
  });
});
