import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RedisKeys } from "../../../../../src/pools/cache/redis/redis-keys.ts";

describe("RedisKeys", () => {
  it("keeps values, locks and channels apart, whatever keys are called", () => {
    const keys = new RedisKeys("app:");
    assert.equal(keys.value("user:1"), "app:v:user:1");
    const all = ["a", "l:a", "v:a", "n:a"].flatMap((key) => [
      keys.value(key),
      keys.lock(key),
      keys.channel(key),
    ]);
    assert.equal(new Set(all).size, all.length);
  });
});
