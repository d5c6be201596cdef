import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Channels, channels } from "../../../src/diagnostics/index.ts";
import { SluiceError } from "../../../src/errors/index.ts";
import { Meter } from "../../../src/pools/meter.ts";

const gauges = { size: 2, maxSize: 4, idle: 1, busy: 1, waiting: 0, breaker: "closed" } as const;

function published(name: keyof Channels, act: () => void): unknown[] {
  const messages: unknown[] = [];
  const listener = (message: unknown): void => {
    messages.push(message);
  };
  channels[name].subscribe(listener);
  act();
  channels[name].unsubscribe(listener);
  return messages;
}

describe("Meter", () => {
  it("counts work, failures and deadlines", () => {
    const meter = new Meter("test");
    const now = performance.now();
    meter.ended("SELECT 1", 0, now - 5, undefined);
    meter.ended("SELECT 1", 2, now - 5, new Error("broken"));
    meter.ended("SELECT 1", 2, now - 5, new SluiceError("SLUICE_QUERY_TIMEOUT"));
    const stats = meter.stats(gauges);
    assert.equal(stats.queries, 3);
    assert.equal(stats.errors, 2);
    assert.equal(stats.timeouts, 1);
    assert.equal(stats.queryMs.count, 3);
    assert.ok(stats.queryMs.p50 >= 4.9);
    assert.equal(stats.acquireMs.count, 3);
    assert.equal(stats.size, 2);
    assert.equal(stats.maxSize, 4);
    assert.equal(stats.breaker, "closed");
  });

  it("counts who was refused for want of room, and connections", () => {
    const meter = new Meter("test");
    meter.refused("SLUICE_POOL_FULL");
    meter.refused("SLUICE_POOL_TIMEOUT");
    meter.refused("SLUICE_UNREACHABLE");
    meter.refused("SLUICE_POOL_CLOSED");
    meter.connected(3);
    meter.disconnected("idle");
    const stats = meter.stats(gauges);
    assert.equal(stats.refused, 2);
    assert.equal(stats.connects, 1);
  });

  it("publishes work that has ended, without its data", () => {
    const meter = new Meter("published");
    const failure = new Error("broken");
    const [message] = published("poolQuery", () =>
      meter.ended("SELECT ?", 1, performance.now() - 4, failure),
    );
    const { durationMs, ...rest } = message as { durationMs: number };
    assert.deepEqual(rest, { pool: "published", statement: "SELECT ?", waitedMs: 1, error: failure });
    assert.ok(durationMs >= 4);
  });

  it("publishes refusals and connections", () => {
    const meter = new Meter("published");
    assert.deepEqual(
      published("poolRefused", () => meter.refused("SLUICE_POOL_FULL")),
      [{ pool: "published", code: "SLUICE_POOL_FULL" }],
    );
    assert.deepEqual(
      published("poolConnect", () => meter.connected(7)),
      [{ pool: "published", durationMs: 7 }],
    );
    assert.deepEqual(
      published("poolDisconnect", () => meter.disconnected("too old")),
      [{ pool: "published", reason: "too old" }],
    );
  });
});
