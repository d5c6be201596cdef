import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { LoadConnection, Place } from "../../../../../src/cli/bench/connection.ts";
import type { Connector, ConnectorEvents } from "../../../../../src/cli/bench/connector.ts";
import { ConnectLoad } from "../../../../../src/cli/bench/modes/connect.ts";
import { Tally } from "../../../../../src/cli/bench/tally.ts";

/** What the load does with a connection. */
class FakeConnection {
  wasOpen = true;
  ends: string[] = [];
  drop(): void {
    this.ends.push("dropped");
  }
  close(): void {
    this.ends.push("closed");
  }
  get real(): LoadConnection {
    return this as unknown as LoadConnection;
  }
}

let now = 0;
let tally: Tally;
let events: ConnectorEvents;
let fills = 0;
let stops = 0;
let refusals: string[];
let hopeless = 0;

function createLoad(closes: boolean, concurrency = 2): ConnectLoad {
  const load = new ConnectLoad(tally, {
    concurrency,
    closes,
    placeOf: (count): Place => ({ index: count, group: 0, isSlow: false }),
    createConnector: (given) => {
      events = given;
      const connector = { fill: () => fills++, stop: () => stops++, begunAt: () => performance.now() };
      return connector as unknown as Connector;
    },
    onHopeless: () => hopeless++,
    onRefused: (reason) => refusals.push(reason),
  });
  load.begin();
  return load;
}

beforeEach(() => {
  now = 50;
  fills = 0;
  stops = 0;
  hopeless = 0;
  refusals = [];
  tally = new Tally(() => now);
  tally.measure({ fromMicros: 0, untilMicros: 100 });
});

test("a connection is dropped once it is open, or closed if that is asked for", () => {
  for (const [closes, end] of [
    [false, "dropped"],
    [true, "closed"],
  ] as const) {
    createLoad(closes);
    const connection = new FakeConnection();
    events.onOpen(connection.real);
    assert.deepEqual(connection.ends, [end]);
  }
});

test("handshakes count, those in the window by themselves", () => {
  const load = createLoad(false);
  for (const at of [50, 150]) {
    now = at;
    events.next();
    const connection = new FakeConnection();
    events.onOpen(connection.real);
    events.onGone(connection.real, "");
  }
  assert.deepEqual(load.counts(), { handshakes: { begun: 2, opened: 2, refused: 0, inWindow: 1 } });
  assert.equal(tally.latency.count, 1);
});

test("when many wait for the server to close them, no further one is begun", () => {
  createLoad(true);
  const connections = Array.from({ length: 8 }, () => new FakeConnection());
  for (const { real } of connections) {
    assert.notEqual(events.next(), undefined);
    events.onOpen(real);
  }
  assert.equal(events.next(), undefined);
  fills = 0;
  events.onGone((connections[0] as FakeConnection).real, "");
  assert.equal(fills, 1);
  assert.notEqual(events.next(), undefined);
});

test("a refusal is counted; a hundred without a single success end it", () => {
  const load = createLoad(false);
  const connection = new FakeConnection();
  connection.wasOpen = false;
  for (let count = 0; count < 100; count++) {
    assert.equal(hopeless, 0);
    events.onGone(connection.real, "ECONNREFUSED");
  }
  assert.equal(hopeless, 1);
  assert.equal(stops, 1);
  assert.equal(refusals.length, 100);
  assert.equal(events.next(), undefined);
  assert.equal(load.counts().handshakes?.refused, 100);
});

test("after the end, what is given up isn't counted as refused", () => {
  const load = createLoad(false);
  load.end();
  const connection = new FakeConnection();
  connection.wasOpen = false;
  events.onGone(connection.real, "stopped");
  assert.deepEqual(refusals, []);
});
