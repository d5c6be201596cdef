import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { EchoLoad } from "../../../../../src/cli/bench/modes/echo.ts";
import { Tally } from "../../../../../src/cli/bench/tally.ts";
import { FakeLoadConnection, markerText } from "../../../../support/fake-load-connection.ts";

let now = 0;
let tally: Tally;
let load: EchoLoad;

beforeEach(() => {
  now = 1000;
  tally = new Tally(() => now);
  tally.measure({ fromMicros: 0, untilMicros: 1_000_000 });
  load = new EchoLoad(tally, 4, undefined);
});

function receive(connection: FakeLoadConnection, ...messages: string[]): void {
  tally.beginRead(1);
  connection.receive(...messages);
}

test("each connection begins with as many messages as may be outstanding, in one write", () => {
  const connections = [new FakeLoadConnection(load), new FakeLoadConnection(load)];
  load.begin(connections.map(({ real }) => real));
  for (const connection of connections) {
    assert.deepEqual(connection.takeWrites(), [Array.from({ length: 4 }, () => `${markerText(1000)}ab`)]);
  }
  assert.equal(tally.sent, 8);
  assert.equal(tally.expected, 8);
});

test("what a read brings is answered in one write, and timed", () => {
  const connection = new FakeLoadConnection(load);
  load.begin([connection.real]);
  connection.takeWrites();
  now = 1500;
  receive(connection, `re: ${markerText(1000)}ab`, `re: ${markerText(1000)}ab`);
  assert.deepEqual(connection.takeWrites(), [[`${markerText(1500)}ab`, `${markerText(1500)}ab`]]);
  assert.equal(tally.received, 2);
  assert.equal(tally.latency.max, 500);
});

test("what isn't an answer isn't answered", () => {
  const connection = new FakeLoadConnection(load);
  load.begin([connection.real]);
  connection.takeWrites();
  receive(connection, "welcome");
  assert.deepEqual(connection.takeWrites(), []);
});

test("a server that sends more than it was sent isn't sent ever more", () => {
  const connection = new FakeLoadConnection(load);
  load.begin([connection.real]);
  connection.takeWrites();
  receive(connection, ...Array.from({ length: 50 }, () => markerText(1000)));
  assert.equal(connection.takeWrites().flat().length, 4);
});

test("after the end nothing is sent, and what is late is still counted", () => {
  const connection = new FakeLoadConnection(load);
  load.begin([connection.real]);
  connection.takeWrites();
  load.end();
  receive(connection, markerText(1000));
  assert.deepEqual(connection.takeWrites(), []);
  assert.equal(tally.received, 1);
});

test("a connection that doesn't read is sent its share, and nothing is expected of it", () => {
  const connection = new FakeLoadConnection(load, { isSlow: true });
  load.begin([connection.real]);
  assert.equal(tally.sent, 4);
  assert.equal(tally.expected, 0);
});
