import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Group } from "../../../src/transport/group.ts";
import { fakeEngine, openConnection, turn } from "../../support/fake-connection.ts";

describe("Engine", () => {
  it("knows the open connections, and who has gone", async () => {
    const { engine, gone } = fakeEngine();
    const [a, b] = [openConnection(engine), openConnection(engine)];
    assert.equal(engine.connections.size, 2);
    assert.deepEqual([engine.stats.opened, engine.stats.connections], [2, 2]);
    a.socket.terminate();
    await turn();
    assert.deepEqual([...engine.connections], [b.socket]);
    assert.deepEqual([engine.stats.opened, engine.stats.connections], [2, 1]);
    assert.deepEqual(engine.stats.closed, { "1006": 1 });
    assert.deepEqual(gone, [a.socket]);
    engine.stop();
  });

  it("broadcasts to all that are open, those that come later included", async () => {
    const { engine } = fakeEngine();
    engine.broadcast("to nobody", "");
    const early = openConnection(engine);
    const leaving = openConnection(engine);
    engine.broadcast("1", "");
    const late = openConnection(engine);
    engine.broadcast("2", "");
    leaving.socket.close();
    engine.broadcast("3", "");
    await turn();
    assert.deepEqual(early.frames(), ["text:1", "text:2", "text:3"]);
    assert.deepEqual(leaving.frames(), ["text:1", "text:2", "close:1000"]);
    assert.deepEqual(late.frames(), ["text:2", "text:3"]);
    assert.equal(engine.stats.messagesOut, 7);
    engine.stop();
  });

  it("takes a connection that is gone out of all its groups", async () => {
    const { engine } = fakeEngine();
    const { socket } = openConnection(engine);
    const groups = ["a", "b", "c"].map((name) => new Group(name, engine.flusher.log));
    for (const group of groups) group.add(socket);
    engine.broadcast("x", "");
    socket.terminate();
    await turn();
    assert.deepEqual(
      groups.map(({ size }) => size),
      [0, 0, 0],
    );
    engine.stop();
  });

  it("cuts those that hold the most when all together hold too much", async () => {
    const { engine } = fakeEngine({ maxBufferedBytes: 100_000 });
    const sizes = [20_000, 60_000, 30_000];
    const connections = sizes.map((bytes) => {
      const connection = openConnection(engine);
      engine.flusher.flush();
      connection.stream.room = 0;
      connection.socket.send("x".repeat(bytes));
      connection.socket.flush();
      return connection;
    });
    await turn();
    assert.deepEqual(
      connections.map(({ socket }) => socket.state),
      ["open", "closed", "open"],
    );
    const [, cut] = connections;
    assert.deepEqual([cut?.socket.closeCode, cut?.socket.closeReason], [1013, "memory budget"]);
    assert.equal(engine.budget.shed, 1);
    assert.ok(engine.budget.heldBytes < 60_000);
    engine.stop();
  });

  it("writes what has gathered when it stops, and keeps no timer", async () => {
    const { engine } = fakeEngine();
    const { socket, frames } = openConnection(engine);
    socket.send("last");
    engine.stop();
    assert.deepEqual(frames(), ["text:last"]);
  });
});
