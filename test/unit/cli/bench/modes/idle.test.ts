import assert from "node:assert/strict";
import { test } from "node:test";
import { IdleLoad } from "../../../../../src/cli/bench/modes/idle.ts";
import { Tally } from "../../../../../src/cli/bench/tally.ts";
import { FakeLoadConnection } from "../../../../support/fake-load-connection.ts";

test("it says nothing, and counts what it is told", () => {
  const tally = new Tally(() => 5);
  tally.measure({ fromMicros: 0, untilMicros: 10 });
  const load = new IdleLoad(tally, undefined);
  const connection = new FakeLoadConnection(load);
  load.begin();
  tally.beginRead(1);
  connection.receive("news", "more");
  load.onGone();
  load.end();
  assert.deepEqual(connection.takeWrites(), []);
  assert.equal(tally.receivedInWindow, 2);
});
