import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FanOutModel, frameText, type Step, steps } from "../support/fan-out-model.ts";

// Nobody is dropped or cut: what is looked at here is order and completeness.
const unlimited = {
  sendBuffer: { highWaterBytes: 2 ** 40, lowWaterBytes: 1, maxBufferedBytes: 2 ** 41 },
};

function assertAllArrives(model: FanOutModel, what: readonly Step[]): void {
  try {
    for (const step of what) model.apply(step);
    model.settle();
    for (const [at, sent] of model.sent.entries()) {
      assert.deepEqual(
        model.received(at).map(frameText),
        sent.map(({ frame }) => frame),
        `connection ${at}`,
      );
    }
  } finally {
    model.stop();
  }
}

describe("what is sent directly, to groups and to all", () => {
  it("arrives at each that was a member when it was sent, once, in the order of sending", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        steps({ closing: true }),
        (connections, groups, what) =>
          assertAllArrives(new FanOutModel({ connections, groups, options: unlimited }), what),
      ),
      { numRuns: 200 },
    );
  });

  it("does so when a flush has to stop and go on in a later turn of the loop", () => {
    // Each look at the clock takes longer than a flush may.
    const { now } = performance;
    let ms = 0;
    performance.now = () => {
      ms += 100;
      return ms;
    };
    try {
      const crowds = fc.integer({ min: 33, max: 48 });
      fc.assert(
        fc.property(crowds, fc.integer({ min: 1, max: 3 }), steps(), (connections, groups, what) => {
          const everywhere = Array.from({ length: connections }, (_, to): Step[] => [
            { do: "add", to, group: 0 },
            { do: "add", to, group: to },
          ]).flat();
          const model = new FanOutModel({ connections, groups, options: unlimited });
          assertAllArrives(model, [...everywhere, ...what]);
        }),
        { numRuns: 40 },
      );
    } finally {
      performance.now = now;
    }
  });
});
