import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Connection } from "../../../src/transport/connection-api.ts";
import { compressionDefaults } from "../../../src/transport/connection-options.ts";
import { Group } from "../../../src/transport/group.ts";
import { MessageCompression } from "../../../src/transport/message-compression.ts";
import { Opcode } from "../../../src/websocket/index.ts";
import { StreamingPeer } from "../../support/deflate-peer.ts";
import {
  clientClose,
  clientFrame,
  type FakeConnection,
  type FakeEngine,
  fakeEngine,
  openConnection,
  RESPONSE,
  turn,
} from "../../support/fake-connection.ts";
import { readServerFrames } from "../../support/server-frames.ts";

function open(setup: Parameters<typeof openConnection>[1] = {}): FakeConnection & FakeEngine {
  const fake = fakeEngine();
  const connection = openConnection(fake.engine, setup);
  fake.engine.flusher.flush();
  return { ...fake, ...connection };
}

describe("WebSocketConnection", () => {
  it("answers the handshake before anything that its handler sends", () => {
    const { engine } = fakeEngine();
    const { stream, frames } = openConnection(engine, { handler: { open: (socket) => socket.send("hi") } });
    engine.flusher.flush();
    assert.ok(stream.taken.subarray(0, RESPONSE.length).equals(RESPONSE));
    assert.deepEqual(frames(), ["text:hi"]);
    assert.equal(stream.writes.length, 1);
  });

  it("takes the bytes that came with the handshake", () => {
    const head = Buffer.concat([clientFrame(Opcode.text, "early"), clientFrame(Opcode.ping, "1")]);
    const messages: unknown[] = [];
    const { engine, frames } = open({
      head,
      handler: { message: (_, message) => void messages.push(message) },
    });
    engine.flusher.flush();
    assert.deepEqual(messages, ["early"]);
    assert.deepEqual(frames(), ["pong:1"]);
  });

  it("has a number of its own", () => {
    const { engine } = fakeEngine();
    const [a, b] = [openConnection(engine), openConnection(engine)];
    assert.notEqual(a.socket.id, b.socket.id);
  });

  describe("that sends", () => {
    it("sends strings as text and bytes as binary", () => {
      const { socket, engine, frames } = open();
      assert.equal(socket.send("ä"), true);
      assert.equal(socket.send(new Uint8Array([1, 2])), true);
      socket.send("");
      engine.flusher.flush();
      assert.deepEqual(frames(), ["text:ä", "binary:0102", "text:"]);
      assert.equal(engine.stats.messagesOut, 3);
    });

    it("refuses everything else, also when it isn't open", () => {
      const { socket } = open();
      for (const message of [1, null, undefined, {}, [], new ArrayBuffer(2), new Uint16Array(2)]) {
        assert.throws(() => socket.send(message as string), { code: "SLUICE_INVALID_MESSAGE" });
      }
      socket.close();
      assert.throws(() => socket.send(1 as unknown as string), { code: "SLUICE_INVALID_MESSAGE" });
    });

    it("sends nothing once it is closing", async () => {
      const { socket, frames } = open();
      socket.close();
      assert.equal(socket.send("late"), false);
      socket.ping();
      await turn();
      assert.deepEqual(frames(), ["close:1000"]);
    });

    it("flushes when it is told to, with what its groups have pending", () => {
      const { engine, socket, frames } = open();
      const group = new Group("g", engine.flusher.log);
      group.add(socket);
      group.send("from the group", "");
      socket.send("direct");
      socket.flush();
      assert.deepEqual(frames(), ["text:from the group", "text:direct"]);
      group.send("again", "");
      socket.flush();
      assert.equal(frames().length, 3);
    });

    it("says how much is buffered, and when it has drained", async () => {
      const { engine, socket, stream } = open({
        options: { sendBuffer: { highWaterBytes: 100, lowWaterBytes: 10 } },
      });
      assert.equal(socket.bufferedAmount, 0);
      await socket.drained();
      stream.room = 0;
      socket.send("x".repeat(200));
      assert.equal(socket.bufferedAmount, 204);
      engine.flusher.flush();
      assert.equal(socket.bufferedAmount, 204);
      let isDrained = false;
      const drained = socket.drained();
      assert.equal(socket.drained(), drained);
      void drained.then(() => {
        isDrained = true;
      });
      await turn();
      assert.equal(isDrained, false);
      stream.accept();
      await drained;
      assert.equal(socket.bufferedAmount, 0);
    });

    it("doesn't leave a sender waiting when it closes", async () => {
      const { engine, socket, stream } = open({
        options: { sendBuffer: { highWaterBytes: 100, lowWaterBytes: 10 } },
      });
      stream.room = 0;
      socket.send("x".repeat(200));
      engine.flusher.flush();
      const drained = socket.drained();
      socket.terminate();
      await drained;
      await socket.drained();
    });

    it("pings", () => {
      const { engine, socket, frames } = open();
      socket.ping();
      socket.ping("payload");
      socket.ping(Buffer.from("bytes"));
      assert.throws(() => socket.ping(8 as unknown as string), { code: "SLUICE_INVALID_PING_PAYLOAD" });
      engine.flusher.flush();
      assert.deepEqual(frames(), ["ping:", "ping:payload", "ping:bytes"]);
    });
  });

  it("answers pings with what came in them", () => {
    const { engine, receive, frames } = open();
    receive(Opcode.ping);
    receive(Opcode.ping, "payload");
    engine.flusher.flush();
    assert.deepEqual(frames(), ["pong:", "pong:payload"]);
  });

  describe("that is closed from here", () => {
    it("sends its code, waits for the peer's and ends", async () => {
      const { socket, stream, engine, frames } = open();
      assert.deepEqual([socket.state, socket.closeCode, socket.closeReason], ["open", undefined, undefined]);
      socket.close(3000, "because");
      socket.close(4000, "again");
      assert.deepEqual([socket.state, socket.closeCode, socket.closeReason], ["closing", 3000, "because"]);
      await turn();
      assert.deepEqual(frames(), ["close:3000 because"]);
      assert.equal(stream.isEnded, false);
      stream.receive(clientClose(3000));
      assert.equal(stream.isEnded, true, "the server ends first (RFC 6455 §7.1.1)");
      stream.reader.onEnd();
      await socket.closed;
      assert.equal(socket.state, "closed");
      assert.deepEqual(engine.stats.closed, { "3000": 1 });
    });

    it("counts the peer's code, if it sent one", async () => {
      for (const [answer, code, reason] of [
        [clientClose(4001, "theirs"), 4001, "theirs"],
        [clientFrame(Opcode.close), 3000, "ours"],
      ] as const) {
        const { socket, stream } = open();
        socket.close(3000, "ours");
        stream.receive(answer);
        stream.destroy();
        await socket.closed;
        assert.deepEqual([socket.closeCode, socket.closeReason], [code, reason]);
      }
    });

    it("takes no code that may not stand in a close frame", () => {
      const { socket } = open();
      assert.throws(() => socket.close(1005), { code: "SLUICE_INVALID_CLOSE_CODE" });
      assert.throws(() => socket.close(1000, "x".repeat(124)), { code: "SLUICE_INVALID_CLOSE_REASON" });
      assert.equal(socket.state, "open");
    });

    it("still reads, for the close frame, when its handler was behind", async () => {
      const { socket, stream } = open({
        handler: () => new Promise(() => {}),
        options: { receive: { highWaterMessages: 1, lowWaterMessages: 0 } },
      });
      stream.receive(Buffer.concat(["a", "b", "c"].map((text) => clientFrame(Opcode.text, text))));
      assert.equal(stream.isReading, false);
      socket.close();
      await turn();
      assert.equal(stream.isReading, true);
      stream.receive(clientClose(1000));
      assert.equal(stream.isEnded, true);
    });

    it("ends only when all is written", async () => {
      const { socket, stream, frames } = open();
      stream.room = 0;
      socket.send("a");
      socket.flush();
      socket.send("b");
      socket.close();
      stream.receive(clientClose(1000));
      assert.equal(stream.isEnded, false);
      stream.accept();
      assert.equal(stream.isEnded, true);
      assert.deepEqual(frames(), ["text:a", "text:b", "close:1000"]);
    });

    it("is cut when the peer goes on sending instead of answering", async () => {
      const { socket, stream } = open();
      socket.close();
      for (let count = 0; count < 20 && !stream.isDestroyed; count++) {
        stream.receive(clientFrame(Opcode.binary, Buffer.alloc(100_000)));
      }
      assert.equal(stream.isDestroyed, true);
      await socket.closed;
    });
  });

  describe("that is closed by the peer", () => {
    it("answers with the same code, and ends", async () => {
      const { socket, stream, frames } = open();
      stream.receive(clientClose(4000, "bye"));
      assert.deepEqual([socket.state, socket.closeCode, socket.closeReason], ["closing", 4000, "bye"]);
      assert.deepEqual(frames(), ["close:4000"]);
      assert.equal(stream.isEnded, true);
    });

    it("answers a close frame without a code by one without a code", async () => {
      const { socket, receive, frames } = open();
      receive(Opcode.close);
      assert.equal(socket.closeCode, 1005);
      assert.deepEqual(frames(), ["close:"]);
    });

    it("first sends what was sent before", () => {
      const { engine, socket, stream, frames } = open();
      const group = new Group("g", engine.flusher.log);
      group.add(socket);
      socket.send("a");
      group.send("b", "");
      stream.receive(clientClose(1000));
      assert.deepEqual(frames(), ["text:a", "text:b", "close:1000"]);
    });

    it("gives its handler what came before", async () => {
      const messages: unknown[] = [];
      const { stream } = open({
        handler: async (socket) => {
          await turn();
          for await (const message of socket) messages.push(message);
        },
      });
      stream.receive(Buffer.concat([clientFrame(Opcode.text, "a"), clientClose(1000)]));
      await turn();
      await turn();
      assert.deepEqual(messages, ["a"]);
    });
  });

  it("is closed with 1006 when the TCP connection ends without a close frame", async () => {
    for (const end of [
      ({ stream }: FakeConnection): void => stream.destroy(),
      ({ stream }: FakeConnection): void => stream.reader.onEnd(),
      ({ socket }: FakeConnection): void => socket.terminate(),
    ]) {
      const connection = open();
      end(connection);
      await connection.socket.closed;
      assert.deepEqual([connection.socket.closeCode, connection.socket.closeReason], [1006, ""]);
      assert.equal(connection.stream.isDestroyed, true);
    }
  });

  it("fails a peer that breaks the protocol, with a reason, and ends", async () => {
    const { engine, socket, stream, frames } = open();
    const unmasked = Buffer.from([0x81, 0x00]);
    stream.receive(unmasked);
    stream.receive(unmasked);
    assert.equal(socket.closeCode, 1002);
    assert.deepEqual(frames(), ["close:1002 frame not masked"]);
    assert.equal(stream.isEnded, true);
    assert.deepEqual(engine.stats.violations, { "1002": 1 });
  });

  it("has a signal that is aborted when it closes, also if somebody asks later", async () => {
    const { socket } = open();
    const { signal } = socket;
    assert.equal(socket.signal, signal);
    assert.equal(signal.aborted, false);
    socket.close();
    await turn();
    assert.equal(signal.aborted, true);
    const other = open();
    other.socket.close();
    assert.equal(other.socket.signal.aborted, true);
  });

  it("says that it is closed to whoever asks, before and after", async () => {
    const { socket } = open();
    const before = socket.closed;
    socket.terminate();
    await before;
    await socket.closed;
  });

  it("is one loop, and another one after it was left", async () => {
    const read: unknown[] = [];
    const { receive } = open({
      handler: async (socket: Connection) => {
        for await (const message of socket) {
          read.push(message);
          if (message === "stop") break;
        }
        read.push("between");
        for await (const message of socket) read.push(message);
      },
    });
    for (const message of ["a", "stop", "b"]) receive(Opcode.text, message);
    await turn();
    assert.deepEqual(read, ["a", "stop", "between", "b"]);
  });

  it("doesn't let two loops share its messages", async () => {
    const { socket } = open({ handler: () => new Promise(() => {}) });
    const first = socket[Symbol.asyncIterator]().next();
    await assert.rejects(socket[Symbol.asyncIterator]().next(), { code: "SLUICE_ITERATOR_BUSY" });
    socket.terminate();
    assert.equal((await first).done, true);
  });

  it("holds nothing in the budget any more when it is gone", async () => {
    const { engine, socket, stream } = open({ handler: () => new Promise(() => {}) });
    stream.receive(clientFrame(Opcode.binary, Buffer.alloc(50_000)));
    assert.ok(engine.budget.heldBytes >= 50_000);
    socket.terminate();
    await socket.closed;
    assert.equal(engine.budget.heldBytes, 0);
  });

  describe("that is too slow", () => {
    const options = {
      sendBuffer: { slowConsumer: "close", highWaterBytes: 1_000, lowWaterBytes: 10 },
    } as const;

    function slow(bytes: number): FakeConnection & FakeEngine {
      const made = open({ options });
      made.stream.room = 0;
      made.socket.send("x".repeat(bytes));
      made.socket.flush();
      return made;
    }

    it("is closed once, though several groups have too much for it", () => {
      const { engine, socket, stream, frames } = slow(990);
      for (const name of ["a", "b", "c"]) {
        const group = new Group(name, engine.flusher.log);
        group.add(socket);
        group.send(name.repeat(100), "");
      }
      assert.equal(socket.send("direct"), false);
      assert.equal(engine.stats.slowConsumersClosed, 1);
      assert.deepEqual([socket.closeCode, socket.closeReason], [1013, "slow consumer"]);
      stream.accept();
      assert.deepEqual(frames().slice(1), ["close:1013 slow consumer"]);
    });

    it("sends nothing after its close frame, though there would be room", () => {
      for (const act of [
        (socket: Connection): unknown => socket.send("direct"),
        (socket: Connection): unknown => socket.ping(),
        (socket: Connection): unknown => socket.close(),
      ]) {
        const { engine, socket, stream, frames } = slow(900);
        const group = new Group("g", engine.flusher.log);
        group.add(socket);
        group.send("y".repeat(200), "");
        act(socket);
        stream.accept();
        engine.flusher.flush();
        assert.deepEqual(frames().slice(1), ["close:1013 slow consumer"]);
      }
    });
  });

  describe("with compression", () => {
    const params = {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    };

    /** What a peer with a window of its own makes of all messages that it got. */
    async function understood({ stream }: FakeConnection): Promise<string[]> {
      const peer = new StreamingPeer(params);
      const texts: string[] = [];
      try {
        for (const { rsv1, payload } of readServerFrames(stream.taken.subarray(RESPONSE.length))) {
          texts.push((rsv1 ? await peer.inflate(payload) : payload).toString());
        }
      } finally {
        peer.close();
      }
      return texts;
    }

    for (const slowConsumer of ["dropNewest", "dropOldest", "latest", "wait"] as const) {
      it(`is understood although ${slowConsumer} acts: no window refers to what was not sent`, async () => {
        const compression = new MessageCompression(params, compressionDefaults, 1_000_000);
        const connection = open({
          compression,
          options: { sendBuffer: { slowConsumer, highWaterBytes: 8_000, lowWaterBytes: 100 } },
        });
        const { socket, stream, engine } = connection;
        const messages = Array.from({ length: 30 }, (_, at) => `${at} `.padEnd(2_000, "similar text "));
        for (const [at, message] of messages.entries()) {
          if (at === 5) stream.room = 0;
          if (at === 20) stream.accept();
          socket.send(message);
          engine.flusher.flush();
        }
        stream.accept();
        const texts = await understood(connection);
        assert.ok(texts.every((text) => messages.includes(text)));
        assert.equal(texts.length + engine.stats.droppedMessages, messages.length);
        if (slowConsumer === "wait") assert.deepEqual(texts, messages);
        else assert.ok(engine.stats.droppedMessages > 0);
      });
    }

    it("leaves small messages as they are", async () => {
      const compression = new MessageCompression(params, compressionDefaults, 1_000_000);
      const { socket, engine, stream } = open({ compression });
      socket.send("small");
      socket.send("large".repeat(1_000));
      socket.send(Buffer.alloc(5_000));
      engine.flusher.flush();
      const frames = readServerFrames(stream.taken.subarray(RESPONSE.length));
      assert.deepEqual(
        frames.map(({ rsv1, opcode }) => [rsv1, opcode]),
        [
          [false, Opcode.text],
          [true, Opcode.text],
          [true, Opcode.binary],
        ],
      );
    });
  });
});
