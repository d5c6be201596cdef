import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CacheOptions,
  cacheDefaults,
  resolveCacheOptions,
} from "../../../../src/pools/cache/cache-options.ts";

describe("resolveCacheOptions", () => {
  it("fills in the defaults, and the scheme as the name", () => {
    assert.deepEqual(resolveCacheOptions({}, "redis"), { name: "redis", ...cacheDefaults });
    assert.ok(Object.isFrozen(cacheDefaults));
  });

  it("takes what is given, but for undefined", () => {
    const given = { name: "mine", ttlMs: 5, loadTimeoutMs: null, connections: undefined };
    const resolved = resolveCacheOptions(given as unknown as CacheOptions, "redis");
    assert.equal(resolved.name, "mine");
    assert.equal(resolved.ttlMs, 5);
    assert.equal(resolved.loadTimeoutMs, null);
    assert.equal(resolved.connections, cacheDefaults.connections);
  });

  it("refuses what is wrong, and says which it is", () => {
    const wrong: Record<string, unknown>[] = [
      { name: "" },
      { required: 1 },
      { ttlMs: Number.NaN },
      { ttlMs: 0 },
      { loadTimeoutMs: -1 },
      { maxLoads: 0 },
      { maxWaiting: -1 },
      { acquireTimeoutMs: 0 },
      { maxValueBytes: 1.5 },
      { maxEntries: 0 },
      { maxEntries: 1e9 },
      { maxBytes: "1" },
      { keyPrefix: 1 },
      { connections: 0 },
      { maxInFlight: 0 },
      { connectTimeoutMs: 0 },
      { commandTimeoutMs: Number.POSITIVE_INFINITY },
      { maxLifetimeMs: 0 },
      { lockMs: 1 },
      { tls: true },
      { unknown: 1 },
    ];
    for (const options of wrong) {
      const [name = ""] = Object.keys(options);
      const refused = { code: "SLUICE_INVALID_OPTION", message: new RegExp(`option ${name}:`) };
      assert.throws(() => resolveCacheOptions(options, "memory"), refused);
    }
    assert.throws(() => resolveCacheOptions(null as never, "memory"), { code: "SLUICE_INVALID_OPTION" });
  });
});
