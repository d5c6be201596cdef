import assert from "node:assert/strict";
import { beforeEach, type TestContext, test } from "node:test";
import type { Census } from "../../../../../src/cli/bench/load.ts";
import { FanoutLoad } from "../../../../../src/cli/bench/modes/fanout.ts";
import { Tally } from "../../../../../src/cli/bench/tally.ts";
import { FakeLoadConnection } from "../../../../support/fake-load-connection.ts";

const schedule = { startMicros: 0, fromMicros: 0, untilMicros: 1_000_000_000 };

let now = 0;
let tally: Tally;
let done: number[];
let load: FanoutLoad;

beforeEach(() => {
  now = 0;
  done = [];
  tally = new Tally(() => now);
  tally.measure(schedule);
  load = new FanoutLoad(tally, undefined, { onRoundDone: (group) => done.push(group) });
});

function begin(t: TestContext, connections: readonly FakeLoadConnection[], census: Partial<Census>): void {
  const full = { open: connections.length, members: [], readers: [], processes: [1, 1], ...census };
  const real = connections.map((connection) => connection.real);
  load.ready(real);
  load.begin(real, schedule, full);
  t.after(() => load.end());
}

function sentBy(connection: FakeLoadConnection): number {
  return connection.takeWrites().flat().length;
}

function receive(connection: FakeLoadConnection, count: number): void {
  tally.beginRead(1);
  connection.receive(...Array.from({ length: count }, () => "m"));
}

test("the next round begins when all have received all", (t) => {
  const [a, b] = [new FakeLoadConnection(load), new FakeLoadConnection(load)];
  begin(t, [a, b], { members: [2] });
  assert.deepEqual([sentBy(a), sentBy(b)], [1, 1]);
  now = 700;
  receive(a, 2);
  receive(b, 1);
  assert.deepEqual([sentBy(a), sentBy(b)], [0, 0]);
  receive(b, 1);
  assert.deepEqual([sentBy(a), sentBy(b)], [1, 1]);
  assert.equal(tally.receivedInWindow, 4);
  assert.equal(tally.latency.max, 700);
  assert.deepEqual(load.counts(), { rounds: { completed: 1, stalled: 0 } });
});

test("groups have their own rounds", (t) => {
  const [a, b] = [new FakeLoadConnection(load), new FakeLoadConnection(load, { group: 1 })];
  begin(t, [a, b], { members: [1, 1] });
  sentBy(a);
  sentBy(b);
  receive(a, 1);
  assert.deepEqual([sentBy(a), sentBy(b)], [1, 0]);
});

test("what came before the first round is no delivery", (t) => {
  const connection = new FakeLoadConnection(load);
  connection.receive("welcome");
  begin(t, [connection], { members: [1] });
  assert.equal(sentBy(connection), 1);
  assert.deepEqual(load.counts(), { rounds: { completed: 0, stalled: 0 } });
});

test("what comes between the quiet and the first round is a delivery: another process has begun already", (t) => {
  const connection = new FakeLoadConnection(load);
  load.ready([connection.real]);
  receive(connection, 1);
  load.begin([connection.real], schedule, { open: 2, members: [2], readers: [2], processes: [2] });
  t.after(() => load.end());
  assert.deepEqual(done, []);
  receive(connection, 1);
  assert.deepEqual(done, [0]);
});

test("those that don't read send, and nothing is expected of them", (t) => {
  const [a, slow] = [new FakeLoadConnection(load), new FakeLoadConnection(load, { isSlow: true })];
  begin(t, [a, slow], { members: [2] });
  sentBy(a);
  receive(a, 2);
  assert.deepEqual([sentBy(a), sentBy(slow)], [1, 2]);
});

test("one that is gone is neither waited for nor missed", (t) => {
  const [a, b] = [new FakeLoadConnection(load), new FakeLoadConnection(load)];
  begin(t, [a, b], { members: [2] });
  sentBy(a);
  load.onGone(b.real);
  receive(a, 1);
  assert.equal(sentBy(a), 1);
});

test("a group in several processes waits for all of them", (t) => {
  const connection = new FakeLoadConnection(load);
  begin(t, [connection], { members: [2], processes: [2] });
  sentBy(connection);
  receive(connection, 2);
  assert.deepEqual(done, [0]);
  assert.equal(sentBy(connection), 0);
  // A delivery of the next round may come before this process hears of it.
  receive(connection, 1);
  load.beginRound(0);
  assert.equal(sentBy(connection), 1);
  receive(connection, 1);
  assert.deepEqual(done, [0, 0]);
  assert.deepEqual(load.counts(), { rounds: { completed: 1, stalled: 0 } });
});

test("where nobody reads, only the others are waited for", (t) => {
  const slow = new FakeLoadConnection(load, { isSlow: true });
  begin(t, [slow], { members: [2], processes: [2] });
  assert.deepEqual(done, [0]);
});

test("a round that stands still ends without all its deliveries", (t) => {
  let clock = 0;
  t.mock.timers.enable({ apis: ["setInterval"] });
  t.mock.method(performance, "now", () => clock);
  const connection = new FakeLoadConnection(load);
  begin(t, [connection], { members: [2] });
  sentBy(connection);
  receive(connection, 1);
  for (; clock < 1000; clock += 250) t.mock.timers.tick(250);
  assert.equal(sentBy(connection), 0);
  clock = 1300;
  t.mock.timers.tick(250);
  assert.equal(sentBy(connection), 1);
  assert.deepEqual(load.counts(), { rounds: { completed: 0, stalled: 1 } });
});

test("after the end no round begins", (t) => {
  const connection = new FakeLoadConnection(load);
  begin(t, [connection], { members: [1] });
  sentBy(connection);
  load.end();
  receive(connection, 1);
  assert.equal(sentBy(connection), 0);
});
