import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { within } from "../../../src/internal/within.ts";
import { drain } from "../../../src/server/drain.ts";
import type { Engine } from "../../../src/transport/index.ts";
import {
  clientClose,
  type FakeConnection,
  fakeEngine,
  openConnection,
} from "../../support/fake-connection.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

/** A connection whose peer answers a close frame, as soon as it is written. */
function polite(engine: Engine): FakeConnection {
  const connection = openConnection(engine);
  const { stream } = connection;
  const { writeAll } = stream;
  stream.writeAll = (chunks): boolean => {
    const taken = writeAll.call(stream, chunks);
    if (connection.frames().at(-1)?.startsWith("close:") === true) {
      queueMicrotask(() => {
        stream.receive(clientClose(1001));
        stream.destroy();
      });
    }
    return taken;
  };
  return connection;
}

describe("drain", () => {
  it("sends everybody away with 1001, after what was sent before", async () => {
    const { engine } = fakeEngine();
    const connections = Array.from({ length: 3 }, () => polite(engine));
    for (const { socket } of connections) socket.send("before");
    const result = await drain(engine.connections, { drainMs: 60_000, spreadMs: 0 });
    assert.deepEqual(result, { closed: 3, cut: 0 });
    for (const { frames, socket } of connections) {
      assert.deepEqual(frames(), ["text:before", "close:1001 server closing"]);
      assert.equal(socket.state, "closed");
    }
    engine.stop();
  });

  it("has nothing to wait for if nobody is there", async () => {
    const { engine } = fakeEngine();
    assert.deepEqual(await drain(engine.connections, {}), { closed: 0, cut: 0 });
    engine.stop();
  });

  it("cuts what is left at the deadline, and waits until that is gone", async () => {
    const { engine } = fakeEngine();
    const connection = polite(engine);
    const silent = openConnection(engine);
    const blocked = openConnection(engine);
    blocked.stream.room = 0;
    const result = await drain(engine.connections, { drainMs: 1_000, spreadMs: 0 });
    assert.deepEqual(result, { closed: 1, cut: 2 });
    assert.equal(connection.socket.closeCode, 1001);
    assert.deepEqual(silent.frames(), ["close:1001 server closing"]);
    assert.equal(engine.connections.size, 0);
    engine.stop();
  });

  it("cuts at once without a deadline to wait for", async () => {
    const { engine } = fakeEngine();
    openConnection(engine);
    assert.deepEqual(await drain(engine.connections, { drainMs: 0, spreadMs: 0 }), { closed: 0, cut: 1 });
    engine.stop();
  });

  it("waits for as long as it takes where there is no deadline, or none that a timer could keep", async () => {
    for (const drainMs of [Number.POSITIVE_INFINITY, 2 ** 31 + 1_000]) {
      const { engine } = fakeEngine();
      const slow = openConnection(engine);
      const drained = drain(engine.connections, { drainMs, spreadMs: 0 });
      // It would be cut by then, if a timer were due at once.
      assert.equal(await within(20, drained), false);
      slow.stream.receive(clientClose(1001));
      slow.stream.destroy();
      assert.deepEqual(await drained, { closed: 1, cut: 0 });
      engine.stop();
    }
  });

  it("sends a few away at once, unless it is told over what time", async (t) => {
    const { engine } = fakeEngine();
    const connections = Array.from({ length: 5 }, () => polite(engine));
    const timers = t.mock.method(globalThis, "setTimeout");
    assert.deepEqual(await drain(engine.connections, { drainMs: 60_000 }), { closed: 5, cut: 0 });
    // That of the deadline aside.
    const waitedMs = timers.mock.calls.map(({ arguments: [, ms = 0] }) => ms).filter((ms) => ms < 30_000);
    assert.ok(
      waitedMs.every((ms) => ms <= 5 * 2),
      String(waitedMs),
    );
    for (const { socket } of connections) assert.equal(socket.closeCode, 1001);
    engine.stop();
  });

  it("sends even a few away one after the other, over all of the time", async () => {
    const { engine } = fakeEngine();
    const connections = Array.from({ length: 5 }, () => polite(engine));
    const start = performance.now();
    const goodbyes = connections.map(async ({ socket }) => {
      await socket.closed;
      return performance.now() - start;
    });
    assert.deepEqual(await drain(engine.connections, { drainMs: 60_000, spreadMs: 800 }), {
      closed: 5,
      cut: 0,
    });
    // However slow this machine is, nobody is told before it is his turn.
    for (const [at, elapsed] of (await Promise.all(goodbyes)).entries()) {
      assert.ok(elapsed >= at * 200, `${at} was sent away after ${elapsed} ms`);
    }
    engine.stop();
  });

  it("leaves the last ones time to answer, however long it may spread", async () => {
    for (const spreadMs of [300, 10_000, Number.POSITIVE_INFINITY]) {
      const { engine } = fakeEngine();
      for (let count = 0; count < 3; count++) polite(engine);
      assert.deepEqual(await drain(engine.connections, { drainMs: 300, spreadMs }), { closed: 3, cut: 0 });
      engine.stop();
    }
  });

  it("waits for no one's turn who is gone", async () => {
    const { engine } = fakeEngine();
    const connections = [openConnection(engine), openConnection(engine)];
    const drained = drain(engine.connections, { drainMs: 60_000, spreadMs: 60_000 });
    for (const { stream } of connections) stream.destroy();
    assert.deepEqual(await inTime("the end", drained), { closed: 2, cut: 0 });
    engine.stop();
  });

  it("spreads the closing over time, those with the most to send last", async () => {
    const { engine } = fakeEngine();
    const slow = Array.from({ length: 60 }, () => {
      const connection = openConnection(engine);
      engine.flusher.flush();
      connection.stream.room = 0;
      connection.socket.send("x".repeat(1_000));
      connection.socket.flush();
      return connection;
    });
    const quick = Array.from({ length: 60 }, () => polite(engine));
    const drained = drain(engine.connections, { drainMs: 60_000, spreadMs: 100 });
    const closing = (all: readonly FakeConnection[]): number =>
      all.filter(({ socket }) => socket.state !== "open").length;
    await waitFor("the first batch", () => closing(quick) > 0);
    assert.ok(closing(quick) < 120, "not all at once");
    assert.equal(closing(slow), 0, "the slow ones last");
    await waitFor("the rest", () => closing(slow) === 60 && closing(quick) === 60);
    for (const { stream } of slow) {
      stream.accept();
      stream.receive(clientClose(1001));
      stream.destroy();
    }
    assert.deepEqual(await drained, { closed: 120, cut: 0 });
    engine.stop();
  });
});
