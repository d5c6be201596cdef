import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { SlowConsumerPolicy } from "../../src/transport/connection-options.ts";
import { Opcode } from "../../src/websocket/index.ts";
import { FanOutModel, frameText, type SentMessage, steps } from "../support/fan-out-model.ts";
import { describeFrame } from "../support/server-frames.ts";

const HIGH_WATER_BYTES = 20_000;
const MAX_BUFFERED_BYTES = 60_000;

interface Outcome {
  readonly sent: readonly SentMessage[];
  /** The numbers of those that arrived, in the order in which they did. */
  readonly arrived: readonly number[];
  readonly dropped: { readonly messages: number; readonly bytes: number };
  /** The close frame, if there was one. */
  readonly closed: string | undefined;
}

/** Plays random steps with slow consumers, and looks at what came of it for each connection. */
function play(slowConsumer: SlowConsumerPolicy, check: (outcome: Outcome) => void, closing = true): void {
  const options = {
    sendBuffer: {
      slowConsumer,
      highWaterBytes: HIGH_WATER_BYTES,
      lowWaterBytes: 1_000,
      maxBufferedBytes: slowConsumer === "latest" ? 2 ** 40 : MAX_BUFFERED_BYTES,
    },
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      steps({ closing }),
      (connections, groups, what) => {
        const model = new FanOutModel({ connections, groups, options });
        try {
          for (const step of what) model.apply(step);
          model.settle();
          for (const at of model.sent.keys()) check(outcomeOf(model, at));
        } finally {
          model.stop();
        }
      },
    ),
    { numRuns: 150 },
  );
}

function outcomeOf(model: FanOutModel, at: number): Outcome {
  const sent = model.sent[at] as SentMessage[];
  const numbers = new Map(sent.map(({ frame }, index) => [frame, index]));
  const frames = model.allFrames(at);
  const closeAt = frames.findIndex(({ opcode }) => opcode === Opcode.close);
  assert.ok(closeAt === -1 || closeAt === frames.length - 1, "a close frame is the last one");
  const arrived = model.received(at).map((frame) => {
    const number = numbers.get(frameText(frame));
    assert.ok(number !== undefined, "only whole messages that were sent arrive");
    return number;
  });
  const inOrder = arrived.every((number, index) => index === 0 || number > (arrived[index - 1] as number));
  assert.ok(inOrder, `in the order of sending, each at most once: ${arrived.join()}`);
  const close = frames[closeAt];
  return {
    sent,
    arrived,
    dropped: model.dropped[at] as Outcome["dropped"],
    closed: close && describeFrame(close),
  };
}

/** Holds what was told of drops against what is missing. */
function assertExactDrops({ sent, arrived, dropped }: Outcome): void {
  const missing = sent.filter((_, index) => !arrived.includes(index));
  assert.deepEqual(dropped, {
    messages: missing.length,
    bytes: missing.reduce((sum, { bytes }) => sum + bytes, 0),
  });
}

describe("a slow consumer", () => {
  for (const policy of ["dropOldest", "dropNewest"] as const) {
    it(`under ${policy} gets whole messages in order, and each that is missing was told of`, () => {
      play(policy, (outcome) => {
        assertExactDrops(outcome);
        assert.ok(outcome.closed === undefined || outcome.closed === "close:1000");
      });
    });
  }

  it("under latest gets the newest message of each key, in order, and each that is missing was told of", () => {
    play("latest", (outcome) => {
      assertExactDrops(outcome);
      const newest = new Map(outcome.sent.map(({ key }, index) => [key, index]));
      for (const [key, index] of newest)
        assert.ok(outcome.arrived.includes(index), `the newest of ${JSON.stringify(key)} arrives`);
    });
  });

  it("under wait gets everything, or all up to what wasn't taken any more when it is closed", () => {
    play("wait", (outcome) => {
      const { sent, arrived, dropped, closed } = outcome;
      if (closed === "close:1013 slow consumer") {
        assert.deepEqual(arrived, [...arrived.keys()], "nothing is left out in between");
        return;
      }
      assert.equal(arrived.length, sent.length);
      assert.equal(dropped.messages, 0);
    });
  });

  it("under close gets everything, or all up to what wasn't taken any more when it is closed", () => {
    play("close", ({ sent, arrived, closed }) => {
      assert.deepEqual(arrived, [...arrived.keys()], "nothing is left out in between");
      if (closed !== "close:1013 slow consumer") assert.equal(arrived.length, sent.length);
    });
  });
});
