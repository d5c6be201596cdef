import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RepeatFilter } from "../../../src/cli/repeat-filter.ts";

describe("RepeatFilter", () => {
  it("lets the first through, counts the others, and tells of them when the time is over", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const told: [string, number][] = [];
    const filter = new RepeatFilter(10_000, (cause, times) => told.push([cause, times]));
    const passed = Array.from({ length: 1000 }, () => filter.isFirst("a")).filter(Boolean).length;
    assert.equal(passed, 1);
    assert.equal(filter.isFirst("b"), true);
    t.mock.timers.tick(9_999);
    assert.deepEqual(told, []);
    t.mock.timers.tick(1);
    assert.deepEqual(told, [["a", 999]]);
    assert.equal(filter.isFirst("a"), true);
  });

  it("doesn't hold the process", (t) => {
    const unref = t.mock.fn();
    t.mock.method(globalThis, "setTimeout", () => ({ unref }));
    new RepeatFilter(10_000, () => {}).isFirst("a");
    assert.equal(unref.mock.callCount(), 1);
  });
});
