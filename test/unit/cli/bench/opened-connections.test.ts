import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadConnection, Place } from "../../../../src/cli/bench/connection.ts";
import type { FrameBatch } from "../../../../src/cli/bench/frame-batch.ts";
import { OpenedConnections } from "../../../../src/cli/bench/opened-connections.ts";
import { Reasons } from "../../../../src/cli/bench/reasons.ts";

const place: Place = { index: 0, group: 0, isSlow: false };
const batch = {} as FrameBatch;

function fakeConnection(wasOpen = true): LoadConnection & { calls: string[] } {
  const calls: string[] = [];
  const fake = {
    place,
    wasOpen,
    calls,
    close: () => calls.push("close"),
    abandon: () => calls.push("abandon"),
  };
  return fake as unknown as LoadConnection & { calls: string[] };
}

function setUp(): { connections: OpenedConnections; events: string[]; reasons: Reasons } {
  const events: string[] = [];
  const reasons = new Reasons();
  const purpose = {
    batchFor: () => batch,
    onOpen: () => events.push("open"),
    onReading: (bytes: number) => events.push(`reading ${bytes}`),
    onRead: () => events.push("read"),
    onClosed: () => events.push("closed"),
    onAllTried: () => events.push("all tried"),
  };
  return { connections: new OpenedConnections([place], purpose, reasons), events, reasons };
}

test("each place is connected once", () => {
  const { connections } = setUp();
  assert.equal(connections.next(), place);
  assert.equal(connections.next(), undefined);
});

test("one that is open is given what it sends, and is among the open ones until it is gone", () => {
  const { connections, events, reasons } = setUp();
  const connection = fakeConnection();
  connections.onOpen(connection);
  assert.equal(connection.batch, batch);
  assert.deepEqual([...connections.open], [connection]);
  connections.onReading(3);
  connections.onRead(connection);
  connections.onGone(connection, "closed with 1001");
  connections.onIdle();
  assert.equal(connections.open.size, 0);
  assert.deepEqual(events, ["open", "reading 3", "read", "closed", "all tried"]);
  assert.deepEqual([connections.opened, connections.closed, connections.refused], [1, 1, 0]);
  assert.deepEqual(reasons.toRecord(), { "closed with 1001": 1 });
});

test("one that never opened was refused", () => {
  const { connections, events } = setUp();
  connections.onGone(fakeConnection(false), "HTTP 503");
  assert.deepEqual(events, []);
  assert.deepEqual([connections.opened, connections.closed, connections.refused], [0, 0, 1]);
});

test("those that we close aren't counted", () => {
  const { connections, reasons } = setUp();
  const connection = fakeConnection();
  connections.onOpen(connection);
  connections.close();
  connections.destroy();
  connections.onGone(connection, "closed with 1000");
  assert.deepEqual(connection.calls, ["close", "abandon"]);
  assert.equal(connections.closed, 0);
  assert.deepEqual(reasons.toRecord(), {});
});
