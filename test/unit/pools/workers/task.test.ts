import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Task } from "../../../../src/pools/workers/task.ts";

const make = (timeoutMs: number | null = null): Task => new Task({ timeoutMs, transfer: [] });
const returned = { kind: "returned", value: 1 } as const;

describe("a task", () => {
  // The timer behind deadlines doesn't keep a process, which here has nothing else to wait for.
  const stay = setInterval(() => {}, 1_000);
  after(() => clearInterval(stay));

  it("ends once, with what came first", async () => {
    const task = make();
    task.settle(returned);
    task.cancel(new Error("too late"));
    task.fail(new Error("too late"));
    assert.deepEqual(await task.ended, { kind: "outcome", outcome: returned });
    assert.equal(task.signal.aborted, false);
  });

  it("ends without its thread if it can't be sent there", async () => {
    const task = make();
    const error = new Error("no");
    task.notSent(error);
    assert.deepEqual(await task.ended, { kind: "not sent", error });
    assert.equal(task.signal.aborted, false);
  });

  it("has its thread ended when it is cancelled", async () => {
    const task = make();
    const error = new Error("enough");
    task.cancel(error);
    assert.deepEqual(await task.ended, { kind: "cancelled", error });
    assert.equal(task.signal.aborted, true);
  });

  it("times out once it runs, not while its thread starts", async () => {
    const task = make(1);
    task.waitForThread(60_000, () => assert.fail());
    task.begin();
    assert.deepEqual(await task.ended, { kind: "timed out" });
    assert.equal(task.signal.aborted, true);
  });

  it("gives up when no thread starts, and says so", async () => {
    const task = make();
    const late = new Promise<void>((resolve) => task.waitForThread(1, resolve));
    assert.deepEqual(await task.ended, { kind: "not started", reason: "it was not loaded within 1 ms" });
    await late;
  });

  it("is free when it is told to be", async () => {
    const task = make();
    task.release();
    await task.free;
  });
});
