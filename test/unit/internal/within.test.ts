import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { within } from "../../../src/internal/within.ts";

const never = new Promise<void>(() => {});

describe("within", () => {
  it("says that it has resolved in time", async () => {
    assert.equal(await within(60_000, Promise.resolve()), true);
  });

  it("waits no longer than was said, and not at all for what is past", async () => {
    assert.equal(await within(1, never), false);
    assert.equal(await within(-5, never), false);
  });

  it("throws what the promise rejects with", async () => {
    const failure = new Error("broken");
    await assert.rejects(within(60_000, Promise.reject(failure)), failure);
  });

  it("leaves no timer behind, whatever came of it", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    await within(60_000, Promise.resolve());
    await within(60_000, Promise.reject(new Error("broken"))).catch(() => {});
    assert.equal(timers(), before);
  });
});
