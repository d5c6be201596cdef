import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CacheOptions, resolveCacheOptions } from "../../../../../src/pools/cache/cache-options.ts";
import { RedisPool } from "../../../../../src/pools/cache/redis/redis-pool.ts";
import { FakeRedis, FakeReplyError } from "../../../../support/fake-redis.ts";
import { inTime, waitFor } from "../../../../support/wait-for.ts";

function setup(options: CacheOptions = {}): { redis: FakeRedis; pool: RedisPool } {
  const redis = new FakeRedis();
  redis.answer = ([name]) => `did ${name}`;
  return { redis, pool: new RedisPool(redis, resolveCacheOptions({ name: "cache", ...options }, "redis")) };
}

const refuse = (): Promise<never> => Promise.reject(new Error("connect ECONNREFUSED"));
const never = (): Promise<never> => new Promise(() => {});

describe("RedisPool", () => {
  it("connects when it is first used", async () => {
    const { redis, pool } = setup();
    assert.equal(redis.clients.length, 0);
    assert.equal(await pool.one("GET", ["GET", "a"]), "did GET");
    assert.deepEqual(await pool.all("many", [["A"], ["B"]]), ["did A", "did B"]);
    const { size, maxSize, idle, busy, waiting, queries, errors, connects, breaker } = pool.stats();
    assert.deepEqual(
      { size, maxSize, idle, busy, waiting, queries, errors, connects, breaker },
      {
        size: 1,
        maxSize: 1,
        idle: 1,
        busy: 0,
        waiting: 0,
        queries: 2,
        errors: 0,
        connects: 1,
        breaker: "closed",
      },
    );
    await pool.close(1_000);
  });

  it("uses as many connections as it may, those with the least to do first", async () => {
    const { redis, pool } = setup({ connections: 3 });
    redis.answer = ([name]) => (name === "PING" ? "PONG" : never());
    for (let at = 0; at < 6; at++) {
      pool.one("GET", ["GET", String(at)]).catch(() => {});
      await waitFor("it to be sent", () => redis.sent.length === at + 1);
    }
    assert.deepEqual(
      redis.clients.map(({ sent }) => sent.filter(([name]) => name === "GET").length),
      [2, 2, 2],
    );
    assert.equal(pool.stats().busy, 3);
    await pool.close(0);
  });

  it("has so many under way, and so many waiting", async () => {
    const { redis, pool } = setup({ maxInFlight: 1, maxWaiting: 1, acquireTimeoutMs: 60_000 });
    let answer: ((reply: string) => void) | undefined;
    redis.answer = ([name]) => (name === "A" ? new Promise((resolve) => (answer = resolve)) : "done");
    const [first, second] = [pool.one("A", ["A"]), pool.one("B", ["B"])];
    await assert.rejects(pool.one("C", ["C"]), { code: "SLUICE_POOL_FULL" });
    await waitFor("A to have come", () => answer !== undefined);
    assert.equal(pool.stats().waiting, 1);
    answer?.("A");
    assert.deepEqual(await Promise.all([first, second]), ["A", "done"]);
    assert.equal(pool.stats().refused, 1);
    await pool.close(1_000);
  });

  it("refuses at once while the server is down, and sees by itself when it is back", async () => {
    const { redis, pool } = setup();
    redis.connecting = refuse;
    await waitFor("it to be down", async () => {
      await assert.rejects(pool.open(), { code: "SLUICE_UNREACHABLE" });
      return pool.downReason !== undefined;
    });
    assert.match(pool.downReason ?? "", /ECONNREFUSED/);
    const { queries } = pool.stats();
    await assert.rejects(pool.one("GET", ["GET", "a"]), {
      code: "SLUICE_UNREACHABLE",
      message:
        "Check that cache is up and that its address is right: it can't be reached (connect ECONNREFUSED).",
    });
    assert.equal(pool.stats().queries, queries);
    redis.connecting = async () => {};
    await waitFor("it to be up", () => pool.downReason === undefined);
    assert.equal(await pool.one("GET", ["GET", "a"]), "did GET");
    await pool.close(1_000);
  });

  it("tells of wrong credentials also while it is down", async () => {
    const { redis, pool } = setup();
    redis.answer = () => Promise.reject(new FakeReplyError("WRONGPASS no"));
    await waitFor("it to be down", async () => {
      await assert.rejects(pool.open(), { code: "SLUICE_CREDENTIALS_REFUSED" });
      return pool.downReason !== undefined;
    });
    await assert.rejects(pool.open(), { code: "SLUICE_CREDENTIALS_REFUSED" });
    await pool.close(0);
  });

  it("is down after one stall", async () => {
    const { redis, pool } = setup({ commandTimeoutMs: 1 });
    await pool.open();
    redis.answer = never;
    await assert.rejects(inTime("its deadline", pool.one("GET", ["GET", "a"])), {
      code: "SLUICE_QUERY_TIMEOUT",
    });
    await waitFor("it to be down", () => pool.downReason !== undefined);
    assert.equal(pool.downReason, "it did not answer within 1 ms");
    assert.equal(pool.stats().timeouts, 1);
    await pool.close(0);
  });

  it("isn't down for what the server says is wrong", async () => {
    const { redis, pool } = setup();
    redis.answer = ([name]) => (name === "PING" ? "PONG" : Promise.reject(new FakeReplyError("ERR no")));
    for (let at = 0; at < 10; at++)
      await assert.rejects(pool.one("X", ["X"]), { code: "SLUICE_QUERY_FAILED" });
    assert.equal(pool.downReason, undefined);
    assert.equal(pool.stats().errors, 10);
    await pool.close(0);
  });

  it("connects again at once when a connection breaks", async () => {
    const { redis, pool } = setup();
    await pool.open();
    redis.clients[0]?.break();
    await waitFor("another one", () => pool.stats().size === 1 && redis.clients.length === 2);
    redis.connecting = refuse;
    redis.clients[1]?.break();
    await waitFor("it to be down", () => pool.downReason !== undefined);
    await pool.close(0);
  });

  it("waits for what is under way before it closes, and takes nothing more", async () => {
    const { redis, pool } = setup();
    let answer: ((reply: string) => void) | undefined;
    redis.answer = ([name]) => (name === "A" ? new Promise((resolve) => (answer = resolve)) : "PONG");
    const sent = pool.one("A", ["A"]);
    await waitFor("A to have come", () => answer !== undefined);
    const closing = pool.close(60_000);
    await assert.rejects(pool.one("B", ["B"]), { code: "SLUICE_POOL_CLOSED" });
    answer?.("A");
    assert.equal(await sent, "A");
    await inTime("closing", closing);
    assert.equal(redis.clients[0]?.isDestroyed, true);
    assert.equal(pool.stats().size, 0);
  });
});
