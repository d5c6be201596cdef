import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pendingZlibJobs, runZlibJob } from "../../../src/websocket/zlib-jobs.ts";

describe("runZlibJob", () => {
  it("starts a job at once as long as few are running, and the others in turn as those finish", () => {
    const started: number[] = [];
    const finishes: (() => void)[] = [];
    for (let job = 0; job < 10; job++) {
      runZlibJob((finished) => {
        started.push(job);
        finishes.push(finished);
      });
    }
    assert.deepEqual(started, [0, 1, 2, 3]);
    assert.equal(pendingZlibJobs(), 10);
    for (let job = 0; job < 10; job++) {
      finishes[job]?.();
      assert.equal(started.length, Math.min(job + 5, 10));
      assert.equal(pendingZlibJobs(), 9 - job);
    }
    assert.deepEqual(
      started,
      Array.from({ length: 10 }, (_, job) => job),
    );
  });

  it("gets along with jobs that finish as they start", () => {
    let count = 0;
    for (let job = 0; job < 100; job++) {
      runZlibJob((finished) => {
        count++;
        finished();
      });
    }
    assert.equal(count, 100);
    assert.equal(pendingZlibJobs(), 0);
  });
});
