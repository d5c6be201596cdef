import assert from "node:assert/strict";
import type { EventLoopUtilization } from "node:perf_hooks";
import { describe, it } from "node:test";
import { LoopUtilization } from "../../../src/diagnostics/index.ts";

function totals(active: number, idle: number): EventLoopUtilization {
  return { active, idle, utilization: 0 };
}

describe("LoopUtilization", () => {
  it("gives the share since the previous sample", () => {
    const readings = [totals(100, 900), totals(125, 975), totals(225, 975), totals(225, 1075)];
    const utilization = new LoopUtilization(() => readings.shift() ?? totals(0, 0));
    assert.deepEqual([utilization.sample(), utilization.sample(), utilization.sample()], [0.25, 1, 0]);
  });

  it("is 0 when no time has passed", () => {
    const utilization = new LoopUtilization(() => totals(5, 5));
    assert.equal(utilization.sample(), 0);
  });

  it("reads this thread's loop unless told otherwise", () => {
    const sample = new LoopUtilization().sample();
    assert.ok(sample >= 0 && sample <= 1, String(sample));
  });
});
