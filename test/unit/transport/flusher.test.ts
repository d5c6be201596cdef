import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import { LoopUtilization } from "../../../src/diagnostics/index.ts";
import { FlushWindow } from "../../../src/transport/flush-window.ts";
import { Flusher } from "../../../src/transport/flusher.ts";
import { fakeEngine, openConnection, turn } from "../../support/fake-connection.ts";

describe("Flusher", () => {
  it("writes at the end of the turn, once for all that was sent in it", async () => {
    const { engine } = fakeEngine();
    const { socket, stream } = openConnection(engine);
    socket.send("a");
    socket.send("b");
    assert.deepEqual(stream.writes, []);
    await turn();
    assert.equal(stream.writes.length, 1);
    assert.equal(engine.flusher.flushes, 1);
    await turn();
    assert.equal(engine.flusher.flushes, 1, "nothing to do, nothing done");
    engine.stop();
  });

  it("waits for its window where that is open", (t) => {
    const timers: [act: () => void, ms: number | undefined][] = [];
    const set = t.mock.method(globalThis, "setTimeout", (act: () => void, ms?: number) => {
      timers.push([act, ms]);
    });
    const window = new FlushWindow(20);
    window.delayMs = 10;
    const flusher = new Flusher(window);
    flusher.schedule();
    flusher.schedule();
    set.mock.restore();
    assert.equal(timers.length, 1);
    assert.equal(timers[0]?.[1], 10);
    assert.equal(flusher.flushes, 0);
    timers[0][0]();
    assert.equal(flusher.flushes, 1);
  });

  it("goes on in the next turn where writing to all would hold the loop", async (t) => {
    const { engine } = fakeEngine();
    const connections = Array.from({ length: 200 }, () => openConnection(engine));
    for (const { socket } of connections) socket.send("x");
    let now = 0;
    const clock = t.mock.method(performance, "now", () => {
      now += 5;
      return now;
    });
    const written = (): number => connections.filter(({ stream }) => stream.writes.length > 0).length;
    engine.flusher.flush();
    const first = written();
    assert.ok(first > 0 && first < 200, String(first));
    for (let turns = 0; written() < 200; turns++) {
      assert.ok(turns < 50);
      await turn();
    }
    clock.mock.restore();
    assert.ok(connections.every(({ stream }) => stream.writes.length === 1));
    engine.stop();
  });

  it("says how it goes to whoever listens", () => {
    const told: unknown[] = [];
    const listener = (message: unknown): void => void told.push(message);
    subscribe("sluice.flush", listener);
    new Flusher(new FlushWindow(0)).flush();
    unsubscribe("sluice.flush", listener);
    assert.deepEqual(told, [{ windowMs: 0 }]);
  });

  it("gives pending writes bytes of their own", () => {
    const { engine } = fakeEngine();
    const { socket, stream, frames } = openConnection(engine);
    engine.flusher.flush();
    stream.room = 3;
    socket.send("the first message");
    engine.flusher.flush();
    const others = openConnection(engine);
    for (let count = 0; count < 5; count++) {
      others.socket.send("something else that is longer than the first message");
      engine.flusher.flush();
    }
    stream.accept();
    assert.deepEqual(frames(), ["text:the first message"]);
    engine.stop();
  });

  it("adapts its window to the loop", () => {
    let active = 0;
    const busy = new LoopUtilization(() => {
      active += 100;
      return { active, idle: 0, utilization: 1 };
    });
    const window = new FlushWindow(20, busy);
    const flusher = new Flusher(window);
    while (window.delayMs === 0) flusher.flush();
    assert.equal(window.delayMs, 1);
  });
});
