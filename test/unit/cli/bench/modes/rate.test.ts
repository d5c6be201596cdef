import assert from "node:assert/strict";
import { beforeEach, type TestContext, test } from "node:test";
import { RateLoad } from "../../../../../src/cli/bench/modes/rate.ts";
import { Tally } from "../../../../../src/cli/bench/tally.ts";
import { FakeLoadConnection, markerText, markerTime } from "../../../../support/fake-load-connection.ts";
import { turns } from "../../../../support/wait-for.ts";

const START = 1_000_000;
const schedule = { startMicros: START, fromMicros: START, untilMicros: START + 1_000_000 };

let now = START;
let tally: Tally;
let load: RateLoad;

beforeEach(() => {
  now = START;
  tally = new Tally(() => now);
  tally.measure(schedule);
});

interface Setting {
  readonly rate?: number;
  readonly connections?: number;
  /** Open connections in all processes. */
  readonly open?: number;
  readonly readers?: readonly number[];
  readonly slow?: number;
}

function begin(t: TestContext, setting: Setting): FakeLoadConnection[] {
  const { rate = 1000, connections: count = 1, slow = 0, readers } = setting;
  load = new RateLoad(
    tally,
    { rate, hasGroups: readers !== undefined },
    { clock: () => now, prompt: undefined },
  );
  const connections = Array.from(
    { length: count },
    (_, index) => new FakeLoadConnection(load, { index, isSlow: index < slow }),
  );
  const census = { open: setting.open ?? count, members: [], readers: readers ?? [], processes: [] };
  load.begin(
    connections.map(({ real }) => real),
    schedule,
    census,
  );
  t.after(() => load.end());
  return connections;
}

function timesIn(writes: readonly (readonly string[])[]): number[] {
  return writes.flat().map((message) => markerTime(message) - START);
}

test("messages are due at even intervals, on one connection after the other", async (t) => {
  const connections = begin(t, { connections: 3 });
  now = START + 5_500;
  await turns(3);
  const times = connections.map((connection) => timesIn(connection.takeWrites()));
  assert.deepEqual(times, [
    [0, 3000],
    [1000, 4000],
    [2000, 5000],
  ]);
});

test("what is due on a connection at once goes out in one write, each message with its own time", async (t) => {
  const [connection] = begin(t, { rate: 10_000 });
  connection?.takeWrites();
  now = START + 1_050;
  await turns(3);
  const writes = connection?.takeWrites() ?? [];
  assert.equal(writes.length, 1);
  assert.deepEqual(timesIn(writes), [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
});

test("a process has its share of the rate", async (t) => {
  const connections = begin(t, { connections: 2, open: 4 });
  now = START + 9_999;
  await turns(3);
  assert.equal(connections.flatMap((connection) => timesIn(connection.takeWrites())).length, 5);
});

test("a connection whose last write isn't done catches up later, with the times at which its messages were due", async (t) => {
  const [connection] = begin(t, {}) as [FakeLoadConnection];
  connection.takeWrites();
  connection.stream.pendingBytes = 1;
  now = START + 2_500;
  await turns(3);
  assert.deepEqual(connection.takeWrites(), []);
  connection.stream.pendingBytes = 0;
  now = START + 3_500;
  await turns(3);
  assert.deepEqual(timesIn(connection.takeWrites()), [1000, 2000, 3000]);
});

test("a latency counts from the time at which a message was due", (t) => {
  const [connection] = begin(t, {}) as [FakeLoadConnection];
  now = START + 70_000;
  tally.beginRead(1);
  connection.receive(markerText(START + 1000));
  assert.equal(tally.latency.max, 69_000);
});

test("with groups, a message is expected by all of its group that read, else by its sender", async (t) => {
  begin(t, { connections: 2, readers: [50] });
  now = START + 1_000;
  await turns(3);
  assert.equal(tally.expected, 100);
});

test("without groups, nothing is expected by one that doesn't read", async (t) => {
  begin(t, { connections: 2, slow: 1 });
  now = START + 3_000;
  await turns(3);
  assert.equal(tally.sent, 4);
  assert.equal(tally.expected, 2);
});

test("no message is due after the end", async (t) => {
  const [connection] = begin(t, {});
  now = START + 5_000_000;
  await turns(3);
  assert.equal(tally.sent, 1000);
  assert.ok(timesIn(connection?.takeWrites() ?? []).every((time) => time <= 1_000_000));
});

test("what is due at the end is sent then", (t) => {
  const [connection] = begin(t, {}) as [FakeLoadConnection];
  connection.takeWrites();
  now = START + 2_000;
  load.end();
  assert.deepEqual(timesIn(connection.takeWrites()), [1000, 2000]);
  load.end();
  assert.deepEqual(connection.takeWrites(), []);
});

test("a connection that is closed isn't written to", async (t) => {
  const [connection] = begin(t, {}) as [FakeLoadConnection];
  connection.takeWrites();
  connection.isOpen = false;
  now = START + 10_000;
  await turns(3);
  assert.deepEqual(connection.takeWrites(), []);
});

test("a process without connections sends nothing", (t) => {
  assert.deepEqual(begin(t, { connections: 0, open: 3 }), []);
});
