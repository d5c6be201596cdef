import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Histogram } from "../../../../src/cli/bench/histogram.ts";

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test("values up to 255 are kept exactly", () => {
  const histogram = histogramOf(Array.from({ length: 256 }, (_, value) => value));
  assert.equal(histogram.quantile(0.5), 127);
  assert.equal(histogram.quantile(1), 255);
  assert.equal(histogram.quantile(0), 0);
});

test("a quantile is never below its value, and less than 1% above it", () => {
  const values = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (some, share) => {
      const sorted = some.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
      const found = histogramOf(some).quantile(share);
      assert.ok(found >= exact && found <= exact * 1.01, `${found} for ${exact}`);
    }),
  );
});

test("the largest value is exact, and no quantile exceeds it", () => {
  const histogram = histogramOf([1_000_003, 5]);
  assert.equal(histogram.max, 1_000_003);
  assert.equal(histogram.quantile(1), 1_000_003);
});

test("what is too large counts as the largest, what is below 0 as 0", () => {
  const histogram = histogramOf([1e12, -5, 0.7]);
  assert.equal(histogram.max, 2 ** 31 - 1);
  assert.equal(histogram.quantile(0.5), 0);
  assert.equal(histogram.count, 3);
});

test("an empty one says 0", () => {
  const histogram = new Histogram();
  assert.equal(histogram.quantile(0.99), 0);
  assert.equal(histogram.max, 0);
  assert.equal(histogram.count, 0);
});

test("what several have counted is the same as if one had, though it went through JSON", () => {
  const values = fc.array(fc.integer({ min: 0, max: 1e9 }));
  fc.assert(
    fc.property(values, values, (some, others) => {
      const joined = histogramOf(some);
      joined.add(JSON.parse(JSON.stringify(histogramOf(others).toData())));
      assert.deepEqual(joined.toData(), histogramOf([...some, ...others]).toData());
    }),
  );
});
