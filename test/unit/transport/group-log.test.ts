import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Group } from "../../../src/transport/group.ts";
import {
  type FakeConnection,
  type FakeEngine,
  fakeEngine,
  openConnection,
} from "../../support/fake-connection.ts";

interface Setup extends FakeEngine {
  readonly one: Group;
  readonly two: Group;
  /** In both groups, in the first, in the second. */
  readonly both: FakeConnection;
  readonly first: FakeConnection;
  readonly second: FakeConnection;
  flush(): void;
}

function setup(): Setup {
  const fake = fakeEngine();
  const { flusher } = fake.engine;
  const [both, first, second] = [0, 1, 2].map(() => openConnection(fake.engine)) as [
    FakeConnection,
    FakeConnection,
    FakeConnection,
  ];
  flusher.flush();
  const [one, two] = [new Group("one", flusher.log), new Group("two", flusher.log)];
  for (const { socket } of [both, first]) one.add(socket);
  for (const { socket } of [both, second]) two.add(socket);
  return { ...fake, one, two, both, first, second, flush: () => flusher.flush() };
}

describe("GroupLog", () => {
  it("keeps the order of what several groups send to one member", () => {
    const { one, two, both, first, second, flush } = setup();
    one.send("1", "");
    two.send("2", "");
    one.send("3", "");
    flush();
    assert.deepEqual(both.frames(), ["text:1", "text:2", "text:3"]);
    assert.deepEqual(first.frames(), ["text:1", "text:3"]);
    assert.deepEqual(second.frames(), ["text:2"]);
  });

  it("keeps it among messages to groups, to all and to one", () => {
    const { engine, one, two, both, first, flush } = setup();
    one.send("1", "");
    both.socket.send("2");
    engine.broadcast("3", "");
    two.send("4", "");
    both.socket.ping("5");
    one.send("6", "");
    both.socket.close();
    one.send("too late", "");
    flush();
    assert.deepEqual(both.frames(), [
      "text:1",
      "text:2",
      "text:3",
      "text:4",
      "ping:5",
      "text:6",
      "close:1000",
    ]);
    assert.deepEqual(first.frames(), ["text:1", "text:3", "text:6", "text:too late"]);
  });

  it("writes once a flush to members of groups that are apart, though their messages were sent in turns", () => {
    const { engine, flush } = setup();
    const { log } = engine.flusher;
    const members = Array.from({ length: 4 }, () => openConnection(engine));
    flush();
    const groups = members.map(({ socket }, at) => {
      const group = new Group(`apart ${at}`, log);
      group.add(socket);
      return group;
    });
    for (let count = 0; count < 10; count++) for (const group of groups) group.send(`${count}`, "");
    flush();
    for (const { stream, frames } of members) {
      assert.equal(stream.writes.length, 2, "one for the handshake, one for all");
      assert.equal(frames().length, 10);
    }
  });

  it("writes the same bytes to all members that get all of them", () => {
    const { engine, flush } = setup();
    const { log } = engine.flusher;
    const members = Array.from({ length: 3 }, () => openConnection(engine));
    flush();
    const group = new Group("g", log);
    const written: Buffer[] = [];
    for (const { socket, stream } of members) {
      group.add(socket);
      const { write } = stream;
      stream.write = (bytes): boolean => {
        written.push(bytes);
        return write.call(stream, bytes);
      };
    }
    group.send("a", "");
    group.send("b", "");
    flush();
    assert.equal(written.length, 3);
    for (const bytes of written) assert.equal(bytes, written[0]);
  });

  it("doesn't use its bytes again while a member's write is pending", () => {
    const { one, both, first, flush } = setup();
    first.stream.room = 2;
    one.send("the first", "");
    flush();
    for (let count = 0; count < 5; count++) {
      one.send(`another ${count}`, "");
      flush();
    }
    first.stream.accept();
    const expected = ["text:the first", ...[0, 1, 2, 3, 4].map((count) => `text:another ${count}`)];
    assert.deepEqual(first.frames(), expected);
    assert.deepEqual(both.frames(), expected);
  });

  it("flushes by itself when much is pending", () => {
    const { one, first } = setup();
    for (let count = 0; count < 70; count++) one.send("x".repeat(1_000), "");
    assert.ok(first.frames().length > 60, "more than 64 KiB are not kept");
  });

  it("has room for large messages and small ones after each other", () => {
    const { one, first, flush } = setup();
    const sizes = [0, 10, 5_000, 300, 70_000, 1, 200_000, 2];
    for (const size of sizes) one.send("ä".repeat(size), "");
    flush();
    assert.deepEqual(
      first.frames().map((frame) => frame.length - "text:".length),
      sizes,
    );
  });

  it("keeps messages of different keys apart, so that the latest of each can be told", () => {
    const { engine } = setup();
    const { log } = engine.flusher;
    const slow = openConnection(engine, {
      options: { sendBuffer: { slowConsumer: "latest", highWaterBytes: 20, lowWaterBytes: 10 } },
    });
    engine.flusher.flush();
    slow.stream.room = 0;
    slow.socket.send("x".repeat(17));
    slow.socket.flush();
    const group = new Group("g", log);
    group.add(slow.socket);
    for (const [text, key] of [
      ["a1", "a"],
      ["a2", "a"],
      ["b1", "b"],
      ["a3", "a"],
    ] as const) {
      group.send(text, key);
    }
    engine.flusher.flush();
    slow.stream.accept();
    assert.deepEqual(slow.frames().slice(1), ["text:b1", "text:a3"]);
    assert.equal(engine.stats.droppedMessages, 2);
    assert.equal(engine.stats.droppedBytes, 8);
  });

  it("lets whoever hears that a member was cut send, in the right order", async () => {
    const { engine, one, both, first, flush } = setup();
    const slow = openConnection(engine, {
      options: { sendBuffer: { slowConsumer: "close", highWaterBytes: 20, lowWaterBytes: 10 } },
    });
    flush();
    slow.stream.room = 0;
    slow.socket.send("x".repeat(17));
    slow.socket.flush();
    // In front of the others, so that they have not been handed the message when the slow one is cut.
    for (const { socket } of [both, first]) one.remove(socket);
    for (const { socket } of [slow, both, first]) one.add(socket);
    slow.socket.signal.addEventListener("abort", () => {
      both.socket.send("direct");
      one.send("one has left", "");
    });
    one.send("to all", "");
    flush();
    await new Promise((resolve) => setImmediate(resolve));
    flush();
    assert.deepEqual(both.frames(), ["text:to all", "text:direct", "text:one has left"]);
    assert.deepEqual(first.frames(), ["text:to all", "text:one has left"]);
  });
});
