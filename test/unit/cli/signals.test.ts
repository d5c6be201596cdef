import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { exitCodeOfSignal, onEndSignals } from "../../../src/cli/signals.ts";

function setUp(): { source: EventEmitter; heard: string[]; at(ms: number): void; stop: () => void } {
  const source = new EventEmitter();
  const heard: string[] = [];
  let now = 1000;
  const actions = {
    first: (signal: string) => heard.push(`first ${signal}`),
    again: (signal: string) => heard.push(`again ${signal}`),
  };
  const stop = onEndSignals(actions, source, () => now);
  return {
    source,
    heard,
    at: (ms) => {
      now = 1000 + ms;
    },
    stop,
  };
}

describe("onEndSignals", () => {
  it("tells the first signal from those that follow", () => {
    const { source, heard, at } = setUp();
    source.emit("SIGTERM");
    at(5000);
    source.emit("SIGTERM");
    source.emit("SIGINT");
    assert.deepEqual(heard, ["first SIGTERM", "again SIGTERM", "again SIGINT"]);
  });

  it("takes one press of Ctrl-C for one, though a package manager passes it on a second time", () => {
    const { source, heard, at } = setUp();
    source.emit("SIGINT");
    at(30);
    source.emit("SIGINT");
    assert.deepEqual(heard, ["first SIGINT"]);
    at(301);
    source.emit("SIGINT");
    assert.deepEqual(heard, ["first SIGINT", "again SIGINT"]);
  });

  it("hears another signal at once", () => {
    const { source, heard } = setUp();
    source.emit("SIGINT");
    source.emit("SIGTERM");
    assert.deepEqual(heard, ["first SIGINT", "again SIGTERM"]);
  });

  it("stops listening", () => {
    const { source, heard, stop } = setUp();
    stop();
    assert.equal(source.listenerCount("SIGINT") + source.listenerCount("SIGTERM"), 0);
    assert.deepEqual(heard, []);
  });
});

it("a signal's exit code is 128 and its number", () => {
  assert.equal(exitCodeOfSignal("SIGINT"), 130);
  assert.equal(exitCodeOfSignal("SIGTERM"), 143);
});
