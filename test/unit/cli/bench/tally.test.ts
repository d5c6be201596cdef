import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Tally } from "../../../../src/cli/bench/tally.ts";

let now = 0;
let tally: Tally;

beforeEach(() => {
  now = 0;
  tally = new Tally(() => now);
  tally.measure({ fromMicros: 100, untilMicros: 200 });
});

function receiveAt(micros: number, sentMicros: number): void {
  now = micros;
  tally.beginRead(10);
  tally.onMarker(sentMicros);
}

test("a delivery counts for the window in which its message was due, and for that in which it came", () => {
  receiveAt(110, 90);
  assert.deepEqual([tally.received, tally.receivedInWindow], [0, 1]);
  receiveAt(150, 120);
  assert.deepEqual([tally.received, tally.receivedInWindow], [1, 2]);
  receiveAt(250, 199);
  assert.deepEqual([tally.received, tally.receivedInWindow], [2, 2]);
  receiveAt(260, 200);
  assert.deepEqual([tally.received, tally.receivedInWindow], [2, 2]);
  assert.equal(tally.latency.count, 2);
  assert.equal(tally.latency.max, 51);
  assert.equal(tally.bytesIn, 20);
});

test("a message that is sent late counts as sent when it was due", () => {
  now = 210;
  tally.tick();
  tally.countDue(150, 50);
  assert.deepEqual([tally.sent, tally.sentInWindow, tally.expected], [1, 0, 50]);
  now = 150;
  tally.tick();
  tally.countDue(50, 50);
  assert.deepEqual([tally.sent, tally.sentInWindow, tally.expected], [1, 1, 50]);
});

test("messages and deliveries without a time of their own count if they are in the window", () => {
  for (const at of [50, 150, 250]) {
    now = at;
    tally.tick();
    tally.countSent(3, 1);
    tally.countDeliveries(5);
  }
  assert.deepEqual([tally.sent, tally.expected, tally.receivedInWindow], [3, 3, 5]);
});

test("a run that hasn't started counts nothing", () => {
  tally = new Tally(() => now);
  receiveAt(150, 120);
  assert.deepEqual([tally.received, tally.receivedInWindow, tally.bytesIn, tally.seconds], [0, 0, 0, 0]);
});

for (const [at, left] of [
  [50, 0],
  [150, 50],
  [300, 100],
] as const) {
  test(`cut short at ${at}, the window is ${left} long`, () => {
    now = at;
    tally.cutShort();
    assert.ok(Math.abs(tally.seconds - left / 1e6) < 1e-9);
  });
}
