import assert from "node:assert/strict";
import { test } from "node:test";
import { Reasons } from "../../../../src/cli/bench/reasons.ts";
import { Tally } from "../../../../src/cli/bench/tally.ts";
import { type ResultSources, workerResult } from "../../../../src/cli/bench/worker-result.ts";

function sources(changes: Partial<ResultSources> = {}): ResultSources {
  const tally = new Tally(() => 150);
  tally.measure({ fromMicros: 100, untilMicros: 1_000_100 });
  tally.beginRead(8);
  tally.onMarker(120);
  return {
    tally,
    connections: { opened: 3, refused: 1, closed: 2 },
    reasons: new Reasons(),
    requested: 4,
    counts: {},
    openingSeconds: 0.25,
    cpuSeconds: 0.5,
    ...changes,
  };
}

test("the figures come together, and survive being sent", () => {
  const result = workerResult(sources());
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  const { requested, opened, refused, closed, seconds, received, bytesIn } = result;
  assert.deepEqual(
    { requested, opened, refused, closed, seconds, received, bytesIn },
    { requested: 4, opened: 3, refused: 1, closed: 2, seconds: 1, received: 1, bytesIn: 8 },
  );
  assert.deepEqual(result.latency, { buckets: [[30, 1]], max: 30 });
});

test("a mode that opens connections itself counts them itself", () => {
  const handshakes = { begun: 20, opened: 15, refused: 5, inWindow: 12 };
  const result = workerResult(sources({ counts: { handshakes } }));
  assert.deepEqual([result.requested, result.opened, result.refused], [20, 15, 5]);
  assert.equal(result.openedInWindow, 12);
});
