import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { TokenBucket } from "../../../src/internal/token-bucket.ts";

describe("TokenBucket", () => {
  it("starts full, and then gives what flows in", () => {
    const bucket = new TokenBucket({ ratePerSecond: 10, burst: 3 });
    assert.deepEqual(
      [1, 1, 1, 1].map((n) => bucket.take(n, 5000)),
      [true, true, true, false],
    );
    assert.equal(bucket.take(1, 5099), false);
    assert.equal(bucket.take(1, 5100), true);
    assert.equal(bucket.take(1, 5100), false);
  });

  it("never holds more than its burst", () => {
    const bucket = new TokenBucket({ ratePerSecond: 1000, burst: 2 });
    assert.equal(bucket.take(2, 0), true);
    assert.equal(bucket.take(3, 1_000_000), false);
    assert.equal(bucket.take(2, 1_000_000), true);
  });

  it("takes nothing when it refuses", () => {
    const bucket = new TokenBucket({ ratePerSecond: 1, burst: 5 });
    assert.equal(bucket.take(6, 0), false);
    assert.equal(bucket.take(5, 0), true);
  });

  it("gains nothing from a clock that goes back", () => {
    const bucket = new TokenBucket({ ratePerSecond: 1, burst: 1 });
    assert.equal(bucket.take(1, 10_000), true);
    assert.equal(bucket.take(1, 0), false);
    assert.equal(bucket.take(1, 10_500), false);
    assert.equal(bucket.take(1, 11_000), true);
  });

  it("lets through at most the burst and what flowed in, at any pattern of calls", () => {
    const calls = fc.array(
      fc.record({ n: fc.integer({ min: 1, max: 20 }), waitMs: fc.integer({ min: 0, max: 500 }) }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        calls,
        (ratePerSecond, burst, steps) => {
          const bucket = new TokenBucket({ ratePerSecond, burst });
          let nowMs = 0;
          let taken = 0;
          for (const { n, waitMs } of steps) {
            nowMs += waitMs;
            if (bucket.take(n, nowMs)) taken += n;
            assert.ok(taken <= burst + (nowMs * ratePerSecond) / 1000 + 1e-6);
          }
        },
      ),
    );
  });
});
