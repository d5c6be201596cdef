import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Deferred } from "../../../src/internal/deferred.ts";
import { MAX_TIMER_MS, within } from "../../../src/internal/within.ts";

const never = new Promise<void>(() => {});
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

describe("within", () => {
  it("says that it has resolved in time", async () => {
    assert.equal(await within(60_000, Promise.resolve()), true);
  });

  it("waits no longer than was said, and not at all for what is past", async () => {
    assert.equal(await within(1, never), false);
    assert.equal(await within(-5, never), false);
  });

  it("waits for ever where a timer can't wait as long", async () => {
    const before = timers();
    for (const ms of [MAX_TIMER_MS + 1, 2 ** 40, Number.POSITIVE_INFINITY]) {
      const slow = new Deferred();
      const waiting = within(ms, slow.promise);
      assert.equal(timers(), before, "none that would be due at once");
      slow.resolve();
      assert.equal(await waiting, true, String(ms));
    }
    const failure = new Error("broken");
    await assert.rejects(within(MAX_TIMER_MS + 1, Promise.reject(failure)), failure);
  });

  it("throws what the promise rejects with", async () => {
    const failure = new Error("broken");
    await assert.rejects(within(60_000, Promise.reject(failure)), failure);
  });

  it("leaves no timer behind, whatever came of it", async () => {
    const before = timers();
    await within(60_000, Promise.resolve());
    await within(60_000, Promise.reject(new Error("broken"))).catch(() => {});
    assert.equal(timers(), before);
  });
});
