import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Watch } from "../../../../src/pools/database/watch.ts";
import { Watches } from "../../../../src/pools/database/watches.ts";

function started(all: Watches, isStream = false): Watch {
  const watch = new Watch(all, { cancel: () => {} }, null);
  watch.isStream = isStream;
  watch.start(undefined);
  return watch;
}

describe("Watches", () => {
  it("tells when nothing is under way any more", async () => {
    const all = new Watches();
    await all.ended();
    const [one, other] = [started(all), started(all)];
    let ended = false;
    const waiting = all.ended().then(() => {
      ended = true;
    });
    one?.end();
    one?.end();
    await Promise.resolve();
    assert.equal(ended, false);
    other?.end();
    await waiting;
  });

  it("stops everything, and what comes after too", () => {
    const all = new Watches();
    const before = started(all);
    all.stop("closed");
    const after = started(all);
    assert.equal(before.reason, "closed");
    assert.equal(after.reason, "closed");
  });

  it("stops streams alone", () => {
    const all = new Watches();
    const [statement, stream] = [started(all), started(all, true)];
    all.stopStreams();
    assert.equal(statement?.reason, undefined);
    assert.equal(stream?.reason, "abort");
  });
});
