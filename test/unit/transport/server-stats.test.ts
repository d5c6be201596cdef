import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { count, emptyStats } from "../../../src/transport/server-stats.ts";

describe("emptyStats", () => {
  it("is all zeros, with every cause of a refusal named", () => {
    const { refused, closed, violations, ...rest } = emptyStats();
    assert.deepEqual([closed, violations], [{}, {}]);
    assert.ok(Object.keys(refused).length >= 9);
    for (const value of [...Object.values(rest), ...Object.values(refused)]) assert.equal(value, 0);
  });

  it("is new each time", () => {
    const stats = emptyStats();
    stats.refused.origin++;
    count(stats.closed, 1000);
    assert.deepEqual(emptyStats().refused.origin, 0);
    assert.deepEqual(emptyStats().closed, {});
  });
});

describe("count", () => {
  it("counts by name", () => {
    const counters: Record<string, number> = {};
    count(counters, 1000);
    count(counters, 1000);
    count(counters, "1006");
    assert.deepEqual(counters, { "1000": 2, "1006": 1 });
  });
});
