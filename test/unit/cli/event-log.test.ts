import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { EventLog } from "../../../src/cli/event-log.ts";
import { Log, type LogLevel } from "../../../src/cli/log.ts";
import { channels } from "../../../src/diagnostics/index.ts";
import { SluiceError } from "../../../src/errors/index.ts";
import type { Connection } from "../../../src/transport/index.ts";

const connection = { id: 7, request: { path: "/echo\x1b", remoteAddress: "10.0.0.9" } } as Connection;

function follow(t: TestContext, level: LogLevel): { events: EventLog; lines: string[] } {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const lines: string[] = [];
  const events = new EventLog(
    new Log(
      level,
      (line) => lines.push(line.slice(25)),
      () => new Date(0),
    ),
  );
  t.after(events.follow());
  return { events, lines };
}

describe("EventLog", () => {
  it("writes two lines for a flood of refusals: the first, and how many followed", (t) => {
    const { lines } = follow(t, "info");
    const refused = {
      status: 403,
      message: "Pages of this origin may not connect",
      cause: "origin",
      remoteAddress: "::1",
    };
    for (let index = 0; index < 500; index++) channels.handshakeRefused.publish(refused);
    t.mock.timers.tick(10_000);
    assert.deepEqual(lines, [
      'warn  a handshake was refused (origin) status=403 message="Pages of this origin may not connect" from="::1"\n',
      "warn  a handshake was refused (origin), again times=499 seconds=10\n",
    ]);
  });

  it("tells causes apart", (t) => {
    const { lines } = follow(t, "info");
    channels.connectionViolation.publish({ connection, code: 1002, reason: "a reserved bit is set" });
    channels.connectionViolation.publish({ connection, code: 1009, reason: "too large" });
    channels.budgetShed.publish({ connection, bytes: 12_345 });
    assert.deepEqual(lines, [
      'warn  a peer broke a rule (1002) reason="a reserved bit is set" connection=7 path="/echo\\u001b" from="10.0.0.9"\n',
      'warn  a peer broke a rule (1009) reason="too large" connection=7 path="/echo\\u001b" from="10.0.0.9"\n',
      'warn  a connection was cut to save memory bytes=12345 connection=7 path="/echo\\u001b" from="10.0.0.9"\n',
    ]);
  });

  it("writes what a handler threw, with the place, on one line", (t) => {
    const { events, lines } = follow(t, "error");
    events.onError(new TypeError("no\nluck"), connection);
    assert.match(
      lines[0] ?? "",
      /^error a handler failed error="TypeError: no\\nluck" at=".+event-log\.test\.ts.+" connection=7 .+\n$/,
    );
    events.onError("text", undefined);
    assert.equal(lines[1], 'error a handshake failed error="not an error: string"\n');
    events.onError(new SluiceError("SLUICE_UNREACHABLE", { name: "database", reason: "refused" }), undefined);
    assert.match(lines[2] ?? "", /^error a resource failed .*database is up/);
    for (let index = 0; index < 100; index++) events.onError(new Error("again"), connection);
    assert.equal(lines.length, 3);
  });

  it("writes opened and closed connections at the level of debug, and listens for them at no other", (t) => {
    const { lines } = follow(t, "debug");
    channels.connectionOpen.publish({ connection });
    channels.connectionClose.publish({ connection, code: 4000, reason: "bye\r" });
    assert.deepEqual(lines, [
      'debug a connection opened connection=7 path="/echo\\u001b" from="10.0.0.9"\n',
      'debug a connection closed code=4000 reason="bye\\r" connection=7 path="/echo\\u001b" from="10.0.0.9"\n',
    ]);
  });

  it("costs nothing where nothing is written", () => {
    const stop = new EventLog(new Log("silent")).follow();
    for (const channel of Object.values(channels)) assert.equal(channel.hasSubscribers, false);
    stop();
    const stopInfo = new EventLog(new Log("info", () => {})).follow();
    assert.equal(channels.connectionOpen.hasSubscribers, false);
    assert.equal(channels.handshakeRefused.hasSubscribers, true);
    stopInfo();
    assert.equal(channels.handshakeRefused.hasSubscribers, false);
  });
});
