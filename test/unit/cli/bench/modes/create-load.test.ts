import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectLoad } from "../../../../../src/cli/bench/modes/connect.ts";
import { createLoad } from "../../../../../src/cli/bench/modes/create-load.ts";
import { EchoLoad } from "../../../../../src/cli/bench/modes/echo.ts";
import { FanoutLoad } from "../../../../../src/cli/bench/modes/fanout.ts";
import { IdleLoad } from "../../../../../src/cli/bench/modes/idle.ts";
import { RateLoad } from "../../../../../src/cli/bench/modes/rate.ts";
import { resolveBenchOptions } from "../../../../../src/cli/bench/resolve-options.ts";
import { Tally } from "../../../../../src/cli/bench/tally.ts";

const clock = (): number => 0;
const setting = {
  tally: new Tally(clock),
  clock,
  rounds: { onRoundDone: () => {} },
  connecting: {
    concurrency: 1,
    closes: false,
    placeOf: () => assert.fail(),
    createConnector: () => assert.fail(),
    onHopeless: () => {},
    onRefused: () => {},
  },
};

for (const [mode, load] of [
  ["echo", EchoLoad],
  ["fanout", FanoutLoad],
  ["rate", RateLoad],
  ["connect", ConnectLoad],
  ["idle", IdleLoad],
] as const) {
  test(mode, () => {
    const options = resolveBenchOptions({ url: "ws://localhost", mode, answer: "2=3" });
    assert.ok(createLoad(options, setting) instanceof load);
  });
}
