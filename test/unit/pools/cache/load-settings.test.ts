import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolveCacheOptions } from "../../../../src/pools/cache/cache-options.ts";
import { encodeValue, nothing } from "../../../../src/pools/cache/cache-value.ts";
import { loadedEntry, resolveLoadOptions, resolveTtl } from "../../../../src/pools/cache/load-settings.ts";

const defaults = resolveCacheOptions({ ttlMs: 1_000, loadTimeoutMs: 77 }, "memory");

describe("resolveLoadOptions", () => {
  it("fills in the defaults", () => {
    assert.deepEqual(resolveLoadOptions({}, defaults), {
      ttlMs: 1_000,
      staleMs: 0,
      negativeTtlMs: 100,
      jitter: 0.1,
      timeoutMs: 77,
      signal: undefined,
    });
    assert.equal(resolveLoadOptions({ ttlMs: 50 }, defaults).negativeTtlMs, 5);
    assert.equal(resolveLoadOptions({ timeoutMs: null }, defaults).timeoutMs, null);
  });

  it("refuses what is wrong, and says which it is", () => {
    const wrong: Record<string, unknown>[] = [
      { ttlMs: 0 },
      { staleMs: Number.NaN },
      { negativeTtlMs: -1 },
      { jitter: 1.1 },
      { timeoutMs: 0 },
      { signal: {} },
    ];
    for (const options of wrong) {
      const refused = { code: "SLUICE_INVALID_OPTION", message: new RegExp(Object.keys(options)[0] ?? "") };
      assert.throws(() => resolveLoadOptions(options, defaults), refused);
    }
    assert.throws(() => resolveLoadOptions(1 as never, defaults), { code: "SLUICE_INVALID_OPTION" });
  });
});

describe("resolveTtl", () => {
  it("is the cache's unless another is given", () => {
    assert.equal(resolveTtl({}, defaults), 1_000);
    assert.equal(resolveTtl({ ttlMs: 0.5 }, defaults), 0.5);
    assert.throws(() => resolveTtl({ ttlMs: Number.NaN }, defaults), { code: "SLUICE_INVALID_OPTION" });
  });
});

describe("loadedEntry", () => {
  const settings = resolveLoadOptions({ ttlMs: 100, staleMs: 50, negativeTtlMs: 10, jitter: 0.5 }, defaults);

  it("ends between a whole lifetime and one with all jitter taken off, and is stale after that", () => {
    const ends = Array.from({ length: 200 }, () => loadedEntry(encodeValue(1, 10), settings, 1_000));
    for (const entry of ends) {
      assert.ok(entry !== undefined && entry.softAt > 1_050 && entry.softAt <= 1_100);
      assert.equal(entry.hardAt, entry.softAt + 50);
    }
    assert.ok(new Set(ends.map((entry) => entry?.softAt)).size > 100);
  });

  it("is for a shorter time, and never stale, where nothing is there", () => {
    for (const value of [nothing, encodeValue(null, 10)]) {
      const entry = loadedEntry(value, settings, 1_000);
      assert.ok(entry !== undefined && entry.softAt <= 1_010);
      assert.equal(entry.hardAt, entry.softAt);
      assert.equal(loadedEntry(value, { ...settings, negativeTtlMs: 0 }, 0), undefined);
    }
  });

  it("takes what is empty for something", () => {
    for (const value of [0, "", false, []]) {
      assert.ok((loadedEntry(encodeValue(value, 10), settings, 0)?.softAt ?? 0) >= 50);
    }
  });
});
