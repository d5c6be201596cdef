import assert from "node:assert/strict";
import { it } from "node:test";
import { Meter } from "../../../src/pools/meter.ts";
import { noStats } from "../../../src/pools/pool-stats.ts";

it("the figures of a pool that has done nothing are those that a meter begins with", () => {
  const { size, maxSize, idle, busy, waiting, breaker } = noStats;
  assert.deepEqual(new Meter("new").stats({ size, maxSize, idle, busy, waiting, breaker }), noStats);
  assert.ok(Object.isFrozen(noStats) && Object.isFrozen(noStats.queryMs));
});
