import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { Announcements } from "../../../../../src/pools/cache/redis/announcements.ts";
import { FakeRedis } from "../../../../support/fake-redis.ts";
import { inTime, turns, waitFor } from "../../../../support/wait-for.ts";

const LONG_MS = 60_000;

function setup(): { redis: FakeRedis; announcements: Announcements; signal: AbortSignal } {
  const redis = new FakeRedis();
  return { redis, announcements: new Announcements(redis.create), signal: new AbortController().signal };
}

describe("Announcements", () => {
  it("connects when somebody first waits, and tells when it has subscribed", async () => {
    const { redis, announcements, signal } = setup();
    assert.equal(redis.clients.length, 0);
    const watch = announcements.watch("a");
    assert.equal(watch.live, false);
    await inTime("the first word", watch.next(LONG_MS, signal));
    assert.equal(watch.live, true);
    announcements.close();
  });

  it("tells all who wait for a channel, and nobody else", async () => {
    const { redis, announcements, signal } = setup();
    const watches = ["a", "a", "b"].map((channel) => announcements.watch(channel));
    await waitFor("them to be live", () => watches.every(({ live }) => live));
    for (const watch of watches) await watch.next(LONG_MS, signal);
    const told: number[] = [];
    const next = watches.map((watch, at) => watch.next(LONG_MS, signal).then(() => told.push(at)));
    redis.clients[0]?.channels.get("a")?.();
    await turns(2);
    assert.deepEqual(told, [0, 1]);
    redis.clients[0]?.channels.get("b")?.();
    await Promise.all(next);
    assert.equal(redis.clients.length, 1);
    announcements.close();
  });

  it("has who comes later ask once more, and misses nothing that is told while nobody listens", async () => {
    const { redis, announcements, signal } = setup();
    const first = announcements.watch("a");
    await first.next(LONG_MS, signal);
    const second = announcements.watch("a");
    await inTime("the second", second.next(LONG_MS, signal));
    redis.clients[0]?.channels.get("a")?.();
    await inTime("the first", first.next(LONG_MS, signal));
    announcements.close();
  });

  it("waits no longer than it is to, or than the signal lets it", async () => {
    const { announcements, signal } = setup();
    const watch = announcements.watch("a");
    await watch.next(LONG_MS, signal);
    await inTime("its time", watch.next(1, signal));
    const leave = new AbortController();
    const next = watch.next(LONG_MS, leave.signal);
    leave.abort();
    await inTime("the signal", next);
    await inTime("the signal", watch.next(LONG_MS, leave.signal));
    assert.equal(getEventListeners(leave.signal, "abort").length, 0);
    announcements.close();
  });

  it("unsubscribes when the last one has stopped", async () => {
    const { redis, announcements } = setup();
    const watches = [announcements.watch("a"), announcements.watch("a")];
    await waitFor("them to be live", () => watches.every(({ live }) => live));
    watches[0]?.stop();
    assert.equal(redis.clients[0]?.channels.has("a"), true);
    watches[1]?.stop();
    watches[1]?.stop();
    assert.equal(redis.clients[0]?.channels.has("a"), false);
    const early = announcements.watch("b");
    early.stop();
    await turns(3);
    assert.equal(redis.clients[0]?.channels.has("b"), false);
    announcements.close();
  });

  it("tells those who wait when the connection breaks, and makes another one", async () => {
    const { redis, announcements, signal } = setup();
    const watch = announcements.watch("a");
    await watch.next(LONG_MS, signal);
    const next = watch.next(LONG_MS, signal);
    redis.clients[0]?.break();
    await inTime("the word", next);
    assert.equal(watch.live, false);
    await inTime("the next word", watch.next(LONG_MS, signal));
    assert.equal(watch.live, true);
    assert.equal(redis.clients.length, 2);
    announcements.close();
  });

  it("isn't live while it can't connect, and doesn't try all the time", async () => {
    const { redis, announcements, signal } = setup();
    redis.connecting = () => Promise.reject(new Error("no"));
    const watch = announcements.watch("a");
    for (let at = 0; at < 5; at++) await watch.next(1, signal);
    assert.equal(watch.live, false);
    assert.equal(redis.clients.length, 1);
    announcements.close();
  });

  it("lets go when it is closed", async () => {
    const { redis, announcements, signal } = setup();
    const watch = announcements.watch("a");
    await watch.next(LONG_MS, signal);
    const next = watch.next(LONG_MS, signal);
    announcements.close();
    await inTime("the word", next);
    assert.equal(redis.clients[0]?.isDestroyed, true);
    await watch.next(1, signal);
    assert.equal(redis.clients.length, 1);
  });
});
