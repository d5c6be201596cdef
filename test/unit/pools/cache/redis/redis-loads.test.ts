import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolveCacheOptions } from "../../../../../src/pools/cache/cache-options.ts";
import { encodeValue } from "../../../../../src/pools/cache/cache-value.ts";
import type { Entry } from "../../../../../src/pools/cache/entry.ts";
import { Announcements } from "../../../../../src/pools/cache/redis/announcements.ts";
import { headerOf, pack } from "../../../../../src/pools/cache/redis/envelope.ts";
import { RedisKeys } from "../../../../../src/pools/cache/redis/redis-keys.ts";
import { RedisLoads } from "../../../../../src/pools/cache/redis/redis-loads.ts";
import { RedisPool } from "../../../../../src/pools/cache/redis/redis-pool.ts";
import { claimScript, storeScript } from "../../../../../src/pools/cache/redis/redis-scripts.ts";
import { FakeRedis, FakeReplyError } from "../../../../support/fake-redis.ts";

const entry = (): Entry => ({
  value: encodeValue("v", 10),
  softAt: Date.now() + 1e6,
  hardAt: Date.now() + 2e6,
});

// Answers scripts with what the test has in store, one after the other.
function setup(...answers: unknown[]): { redis: FakeRedis; loads: RedisLoads } {
  const redis = new FakeRedis();
  redis.answer = ([name]) => (name === "PING" || name === "SCRIPT" ? "OK" : take());
  const take = (): unknown => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const pool = new RedisPool(redis, resolveCacheOptions({ commandTimeoutMs: 60_000 }, "redis"));
  return { redis, loads: new RedisLoads(pool, new RedisKeys("p:"), new Announcements(redis.create), 500.5) };
}

describe("RedisLoads", () => {
  it("claims by a script that is known to the server", async () => {
    const seen = entry();
    const { redis, loads } = setup(0);
    assert.deepEqual(await loads.claim("k", "token", seen), { kind: "ours" });
    const sent = ["EVALSHA", claimScript.sha, "2", "p:v:k", "p:l:k", headerOf(seen), "token", "501"];
    assert.deepEqual(redis.sent, [sent]);
  });

  it("sends a script itself to a server that has forgotten it", async () => {
    const { redis, loads } = setup(new FakeReplyError("NOSCRIPT No matching script."), 77);
    assert.deepEqual(await loads.claim("k", "token", undefined), { kind: "theirs", expiresInMs: 77 });
    assert.deepEqual(redis.sent[1]?.slice(0, 2), ["EVAL", claimScript.text]);
  });

  it("gives what has been stored meanwhile", async () => {
    const stored = entry();
    const claim = await setup(Buffer.from(pack(stored))).loads.claim("k", "token", undefined);
    assert.equal(claim.kind === "found" && claim.entry.value.payload, '"v"');
  });

  it("deletes what has our mark and can't be read, and claims again", async () => {
    const { redis, loads } = setup(Buffer.from("s1?"), 1, 0);
    assert.deepEqual(await loads.claim("k", "token", undefined), { kind: "ours" });
    assert.deepEqual(redis.sent[1], ["DEL", "p:v:k"]);
  });

  it("stores, renews and releases by its token, and says whether that was ours", async () => {
    const { redis, loads } = setup(1, 0, 1, 0, 1);
    assert.equal(await loads.store("k", "token", entry()), true);
    assert.equal(await loads.store("k", "token", entry()), false);
    assert.equal(await loads.renew("k", "token"), true);
    assert.equal(await loads.renew("k", "token"), false);
    await loads.release("k", "token");
    const [store] = redis.sent;
    assert.deepEqual(store?.slice(0, 6), ["EVALSHA", storeScript.sha, "2", "p:v:k", "p:l:k", "token"]);
    const keptMs = Number(store?.[7]);
    assert.ok(keptMs > 1.9e6 && keptMs <= 2e6, `${keptMs}`);
    assert.equal(store?.[8], "p:n:k");
  });

  it("lets failures through", async () => {
    const { loads } = setup(new FakeReplyError("ERR no"));
    await assert.rejects(loads.renew("k", "token"), { code: "SLUICE_QUERY_FAILED" });
  });
});
