import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoopUtilization } from "../../../src/diagnostics/index.ts";
import { FlushWindow } from "../../../src/transport/flush-window.ts";

/** A loop that has been as busy as it is told, since it was last asked. */
class FakeLoop {
  busy = 0;
  readonly #totals = { active: 0, idle: 0, utilization: 0 };

  utilization(): LoopUtilization {
    return new LoopUtilization(() => {
      this.#totals.active += 100 * this.busy;
      this.#totals.idle += 100 * (1 - this.busy);
      return { ...this.#totals };
    });
  }
}

/** The window after each of so many looks, a second apart. */
function adapt(window: FlushWindow, count: number, from = 1_000): number[] {
  return Array.from({ length: count }, (_, at) => {
    window.adapt(from + at * 1_000);
    return window.delayMs;
  });
}

describe("FlushWindow", () => {
  it("is closed while the loop has time", () => {
    const loop = new FakeLoop();
    const window = new FlushWindow(20, loop.utilization());
    assert.equal(window.delayMs, 0);
    loop.busy = 0.5;
    assert.deepEqual(adapt(window, 5), [0, 0, 0, 0, 0]);
  });

  it("widens while the loop is busy, up to its maximum, and narrows when it has time again", () => {
    const loop = new FakeLoop();
    const window = new FlushWindow(20, loop.utilization());
    loop.busy = 1;
    const widening = adapt(window, 30);
    assert.deepEqual(widening.slice(0, 4), [0, 0, 0, 1]);
    for (const [at, delayMs] of widening.entries()) assert.ok(delayMs >= (widening[at - 1] ?? 0));
    assert.equal(widening.at(-1), 20);
    loop.busy = 0.1;
    const narrowing = adapt(window, 60, 100_000);
    for (const [at, delayMs] of narrowing.entries()) assert.ok(delayMs <= (narrowing[at - 1] ?? 20));
    assert.equal(narrowing.at(-1), 0);
  });

  it("stays closed, however busy the loop, if it may not open", () => {
    const loop = new FakeLoop();
    const window = new FlushWindow(0, loop.utilization());
    loop.busy = 1;
    assert.deepEqual(adapt(window, 4), [0, 0, 0, 0]);
  });

  it("doesn't open for a burst", () => {
    const loop = new FakeLoop();
    const window = new FlushWindow(20, loop.utilization());
    for (let round = 1; round < 10; round++) {
      loop.busy = 1;
      assert.deepEqual(adapt(window, 3, round * 10_000), [0, 0, 0]);
      loop.busy = 0.97;
      assert.deepEqual(adapt(window, 1, round * 10_000 + 5_000), [0]);
    }
  });

  it("looks at the loop now and then only", () => {
    const loop = new FakeLoop();
    const window = new FlushWindow(20, loop.utilization());
    loop.busy = 1;
    adapt(window, 5);
    const { delayMs } = window;
    assert.ok(delayMs > 0);
    for (let ms = 1; ms < 10; ms++) window.adapt(5_000 + ms);
    assert.equal(window.delayMs, delayMs);
  });
});
