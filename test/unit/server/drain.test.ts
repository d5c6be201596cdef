import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drain } from "../../../src/server/drain.ts";
import type { Engine } from "../../../src/transport/index.ts";
import {
  clientClose,
  type FakeConnection,
  fakeEngine,
  openConnection,
} from "../../support/fake-connection.ts";
import { waitFor } from "../../support/wait-for.ts";

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
