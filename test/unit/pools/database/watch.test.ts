import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { Watch } from "../../../../src/pools/database/watch.ts";
import { Watches } from "../../../../src/pools/database/watches.ts";
import { waitFor } from "../../../support/wait-for.ts";

function watched(timeoutMs: number | null, all = new Watches()): { watch: Watch; cancels: () => number } {
  let cancels = 0;
  const work = {
    cancel: () => {
      cancels += 1;
    },
  };
  return { watch: new Watch(all, work, timeoutMs), cancels: () => cancels };
}

describe("Watch", () => {
  it("stops work at its deadline, once", async () => {
    const { watch, cancels } = watched(20);
    watch.start(undefined);
    await waitFor("the deadline", () => watch.reason !== undefined);
    watch.stop("abort");
    assert.equal(watch.reason, "timeout");
    assert.equal(cancels(), 1);
    watch.end();
  });

  it("stops work when its signal is aborted, and knows why", () => {
    const { watch, cancels } = watched(null);
    const stopping = new AbortController();
    watch.start(stopping.signal);
    assert.equal(watch.cause, undefined);
    stopping.abort("mine");
    assert.equal(watch.reason, "abort");
    assert.equal(watch.cause, "mine");
    assert.equal(cancels(), 1);
    watch.end();
    assert.equal(getEventListeners(stopping.signal, "abort").length, 0);
  });

  it("stops work at once whose signal was aborted before", () => {
    const { watch, cancels } = watched(null);
    watch.start(AbortSignal.abort());
    assert.equal(cancels(), 1);
    watch.end();
  });

  it("lets go of everything when the work ends", () => {
    const all = new Watches();
    const { watch, cancels } = watched(60_000, all);
    const stopping = new AbortController();
    watch.start(stopping.signal);
    assert.equal(getEventListeners(stopping.signal, "abort").length, 1);
    assert.ok(watch.wheelNext !== null);
    watch.end();
    assert.equal(getEventListeners(stopping.signal, "abort").length, 0);
    assert.equal(watch.wheelNext, null);
    stopping.abort();
    all.stop("closed");
    assert.equal(cancels(), 0);
  });

  it("has no time running while it is paused, nor once it was stopped", () => {
    const { watch } = watched(60_000);
    watch.start(undefined);
    watch.pause();
    assert.equal(watch.wheelNext, null);
    watch.resume();
    assert.ok(watch.wheelNext !== null);
    watch.stop("closed");
    watch.resume();
    assert.equal(watch.wheelNext, null);
    watch.end();
  });
});
