import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolveCacheOptions } from "../../../../../src/pools/cache/cache-options.ts";
import { encodeValue } from "../../../../../src/pools/cache/cache-value.ts";
import { pack } from "../../../../../src/pools/cache/redis/envelope.ts";
import { RedisStore, redisStore } from "../../../../../src/pools/cache/redis/redis-store.ts";
import { FakeRedis } from "../../../../support/fake-redis.ts";
import { waitFor } from "../../../../support/wait-for.ts";

const options = resolveCacheOptions({ keyPrefix: "p:" }, "redis");
const entry = (value: unknown) => ({
  value: encodeValue(value, 100),
  softAt: Date.now() + 1e6,
  hardAt: Date.now() + 1e6,
});

function setup(): { redis: FakeRedis; store: RedisStore } {
  const redis = new FakeRedis();
  return { redis, store: new RedisStore(redis, options) };
}

describe("RedisStore", () => {
  it("reads one, and many in one command", async () => {
    const { redis, store } = setup();
    const packed = Buffer.from(pack(entry("v")));
    redis.answer = ([name]) => (name === "GET" ? packed : [packed, null]);
    assert.equal((await store.read("a"))?.value.payload, '"v"');
    assert.deepEqual(
      (await store.readMany(["a", "b"])).map((one) => one?.value.payload),
      ['"v"', undefined],
    );
    assert.deepEqual(redis.sent, [
      ["GET", "p:v:a"],
      ["MGET", "p:v:a", "p:v:b"],
    ]);
    await store.close(0);
  });

  it("writes with an end, and without the locks of those who are loading", async () => {
    const { redis, store } = setup();
    redis.answer = ([name]) => (name === "DEL" ? 1 : "OK");
    await store.write([
      ["a", entry(1)],
      ["b", entry(2)],
    ]);
    const [unlock, first, second] = redis.sent;
    assert.deepEqual(unlock, ["DEL", "p:l:a", "p:l:b"]);
    assert.deepEqual([first?.[0], first?.[1], first?.[3]], ["SET", "p:v:a", "PX"]);
    assert.ok(Number(first?.[4]) > 9e5);
    assert.equal(second?.[1], "p:v:b");
    await waitFor("those who wait to be told", () => redis.sent.length === 5);
    assert.deepEqual(redis.sent.slice(3), [
      ["PUBLISH", "p:n:a", ""],
      ["PUBLISH", "p:n:b", ""],
    ]);
    await store.close(0);
  });

  it("deletes, and tells nobody if nobody is loading", async () => {
    const { redis, store } = setup();
    redis.answer = (args) => (String(args[1]).startsWith("p:l:") ? 0 : 2);
    assert.equal(await store.delete(["a", "b"]), 2);
    assert.deepEqual(redis.sent, [
      ["DEL", "p:l:a", "p:l:b"],
      ["DEL", "p:v:a", "p:v:b"],
    ]);
    await store.close(1_000);
    assert.equal(redis.sent.length, 2);
  });

  it("is down while its server is", async () => {
    const { redis, store } = setup();
    await store.open();
    assert.deepEqual(store.health(), { status: "up" });
    redis.connecting = () => Promise.reject(new Error("gone"));
    redis.clients[0]?.break();
    await waitFor("it to be down", () => store.health().status === "down");
    assert.deepEqual(
      { entries: store.stats().entries, bytes: store.stats().bytes },
      { entries: undefined, bytes: undefined },
    );
    await store.close(0);
  });
});

describe("redisStore", () => {
  it("refuses a URL that is wrong", async () => {
    await assert.rejects(redisStore(new URL("redis://h/x"), options), { code: "SLUICE_INVALID_URL" });
  });
});
