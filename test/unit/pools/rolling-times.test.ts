import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RollingTimes } from "../../../src/pools/rolling-times.ts";

describe("RollingTimes", () => {
  it("is all 0 before anything was measured", () => {
    assert.deepEqual(new RollingTimes().percentiles(0), { count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });

  it("gives percentiles in milliseconds, within a hundredth", () => {
    const times = new RollingTimes();
    for (let ms = 1; ms <= 100; ms++) times.record(ms, 0);
    const { count, p50, p90, p99, max } = times.percentiles(0);
    assert.equal(count, 100);
    for (const [actual, expected] of [
      [p50, 50],
      [p90, 90],
      [p99, 99],
      [max, 100],
    ] as const)
      assert.ok(Math.abs(actual - expected) <= expected / 50, `${actual} for ${expected}`);
  });

  it("counts those of no time at all among the others", () => {
    const times = new RollingTimes();
    for (let index = 0; index < 95; index++) times.record(0, 0);
    for (let index = 0; index < 5; index++) times.record(8, 0);
    const { count, p50, p90, p99, max } = times.percentiles(0);
    assert.equal(count, 100);
    assert.equal(p50, 0);
    assert.equal(p90, 0);
    assert.ok(p99 > 7.8 && p99 < 8.2);
    assert.ok(max > 7.8 && max < 8.2);
  });

  it("forgets what is older than two windows, and not what is younger than one", () => {
    const times = new RollingTimes();
    times.record(5, 1_000);
    times.record(0, 1_000);
    assert.equal(times.percentiles(12_000).count, 2, "the window before still counts");
    times.record(7, 12_500);
    assert.equal(times.percentiles(20_000).count, 3);
    assert.equal(times.percentiles(22_500).count, 1);
    assert.equal(times.percentiles(60_000).count, 0);
  });

  it("takes what is longer than it can hold for the longest", () => {
    const times = new RollingTimes();
    times.record(1e12, 0);
    assert.ok(times.percentiles(0).max >= 3_600_000);
  });
});
