import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Callbacks } from "../../../src/transport/callbacks.ts";
import type { Connection } from "../../../src/transport/connection-api.ts";
import type { Handler } from "../../../src/transport/connection-profile.ts";
import { Opcode } from "../../../src/websocket/index.ts";
import {
  type FakeConnection,
  type FakeEngine,
  fakeEngine,
  type OptionChanges,
  openConnection,
  turn,
} from "../../support/fake-connection.ts";

type Opened = FakeConnection & FakeEngine;

function open(handler: Handler | Callbacks, options: OptionChanges = {}): Opened {
  const fake = fakeEngine();
  return { ...fake, ...openConnection(fake.engine, { handler, options }) };
}

describe("a handler", () => {
  it("closes its connection with 1000 when it returns", async () => {
    const { frames } = open(async () => {});
    await turn();
    assert.deepEqual(frames(), ["close:1000"]);
  });

  it("does so too if it isn't async", async () => {
    const { frames, socket } = open((socket) => void socket.send("bye"));
    assert.equal(socket.state, "closing");
    await turn();
    assert.deepEqual(frames(), ["text:bye", "close:1000"]);
  });

  it("closes it with 1011 when it throws or rejects, and the error is reported", async () => {
    const failure = new Error("broken");
    for (const handler of [
      () => {
        throw failure;
      },
      () => Promise.reject(failure),
      async () => {
        await Promise.resolve();
        throw failure;
      },
    ]) {
      const { frames, socket, errors, engine } = open(handler);
      await turn();
      assert.deepEqual(frames(), ["close:1011"]);
      assert.deepEqual(errors, [{ error: failure, socket }]);
      assert.equal(engine.stats.handlerErrors, 1);
    }
  });

  it("has not failed if it stops by the signal of its connection", async () => {
    const { socket, errors } = open(async ({ signal }) => {
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    });
    socket.close();
    await turn();
    assert.deepEqual(errors, []);
  });

  it("has not failed if what it waits for is stopped by that signal", async () => {
    const { socket, errors } = open(async ({ signal }) => void (await delay(60_000, null, { signal })));
    socket.close();
    await turn();
    assert.deepEqual(errors, []);
  });

  it("is told of all that has happened if it sets callbacks after the end", async () => {
    const told: unknown[] = [];
    const { receive, stream, socket } = open(() => new Promise(() => {}));
    receive(Opcode.text, "hello");
    stream.destroy();
    await turn();
    socket.on({
      message: (_, message) => void told.push(message),
      close: (_, code) => void told.push(code),
    });
    socket.on({ close: () => void told.push("again") });
    await turn();
    assert.deepEqual(told, ["hello", 1006]);
  });

  it("keeps its connection open if it has set callbacks", async () => {
    const { socket, receive, frames } = open((socket) => {
      socket.on({ message: (_, message) => socket.send(message) });
    });
    assert.equal(socket.state, "open");
    receive(Opcode.text, "hello");
    await turn();
    assert.deepEqual(frames(), ["text:hello"]);
  });

  it("is not told what it doesn't ask for", async () => {
    const { socket, receive, errors } = open(async (socket) => {
      for await (const _ of socket);
    });
    receive(Opcode.ping);
    receive(Opcode.pong);
    socket.terminate();
    await turn();
    assert.deepEqual(errors, []);
  });
});

describe("callbacks", () => {
  it("are told of everything, with their connection", async () => {
    const told: unknown[][] = [];
    const tell =
      (name: string) =>
      (...args: unknown[]): void =>
        void told.push([name, ...args]);
    const { socket, stream, receive } = open({
      open: tell("open"),
      message: tell("message"),
      ping: tell("ping"),
      pong: tell("pong"),
      close: tell("close"),
    });
    receive(Opcode.text, "text");
    receive(Opcode.binary, "bytes");
    receive(Opcode.ping, "1");
    receive(Opcode.pong, "2");
    stream.destroy();
    await turn();
    assert.deepEqual(
      told.map(([name, , ...args]) => [name, ...args]),
      [
        ["open"],
        ["message", "text"],
        ["message", Buffer.from("bytes")],
        ["ping", Buffer.from("1")],
        ["pong", Buffer.from("2")],
        ["close", 1006, ""],
      ],
    );
    assert.ok(told.every(([, given]) => given === socket));
  });

  it("close the connection with 1011 when one throws or rejects, whichever it is", async () => {
    const failures: Callbacks[] = [
      { open: () => assert.fail("open") },
      { open: () => Promise.reject(new Error("open")) },
      { message: () => assert.fail("message") },
      { message: () => Promise.reject(new Error("message")) },
      { ping: () => assert.fail("ping") },
      { pong: () => Promise.reject(new Error("pong")) },
    ];
    for (const callbacks of failures) {
      const { receive, frames, errors } = open(callbacks);
      for (const opcode of [Opcode.text, Opcode.ping, Opcode.pong]) receive(opcode);
      await turn();
      assert.equal(frames().at(-1), "close:1011", Object.keys(callbacks).join());
      assert.equal(errors.length, 1);
    }
  });

  it("may fail when the connection is gone: it is reported", async () => {
    const { stream, errors, engine } = open({ close: () => Promise.reject(new Error("late")) });
    stream.destroy();
    await turn();
    assert.equal(errors.length, 1);
    assert.equal(engine.stats.connections, 0);
  });

  it("can be replaced", async () => {
    const first: unknown[] = [];
    const second: unknown[] = [];
    const { socket, receive } = open({ message: (_, message) => void first.push(message) });
    receive(Opcode.text, "a");
    socket.on({ message: (_, message) => void second.push(message) });
    receive(Opcode.text, "b");
    assert.deepEqual([first, second], [["a"], ["b"]]);
  });

  it("don't have to want messages: they are dropped", async () => {
    const { receive, socket } = open({}, { receive: { highWaterMessages: 2, lowWaterMessages: 1 } });
    for (let count = 0; count < 10; count++) receive(Opcode.text, "x");
    await turn();
    assert.equal(socket.inbox.bytes, 0);
    assert.equal(socket.isReadingPaused, false);
  });

  for (const concurrency of [1, 3]) {
    it(`work on ${concurrency} messages at a time if they are async, begun in order`, async () => {
      const begun: unknown[] = [];
      const ends: (() => void)[] = [];
      const { receive } = open(
        {
          message: (_socket: Connection, message) => {
            begun.push(message);
            return new Promise<void>((resolve) => ends.push(resolve));
          },
        },
        { concurrency },
      );
      const messages = ["a", "b", "c", "d", "e", "f"];
      for (const message of messages) receive(Opcode.text, message);
      for (let done = 0; done < messages.length; done++) {
        await turn();
        assert.deepEqual(begun, messages.slice(0, done + concurrency));
        ends[done]?.();
      }
      await turn();
      assert.deepEqual(begun, messages);
    });
  }

  it("hear of the end after all that had come before it", async () => {
    const told: unknown[] = [];
    const ends: (() => void)[] = [];
    const { receive, stream } = open({
      message: (_socket: Connection, message) => {
        told.push(message);
        return new Promise<void>((resolve) => ends.push(resolve));
      },
      close: () => void told.push("(closed)"),
    });
    for (const message of ["a", "b", "c"]) receive(Opcode.text, message);
    stream.destroy();
    await turn();
    assert.deepEqual(told, ["a"]);
    ends[0]?.();
    await turn();
    assert.deepEqual(told, ["a", "b"]);
    ends[1]?.();
    await turn();
    assert.deepEqual(told, ["a", "b", "c"]);
    ends[2]?.();
    await turn();
    assert.deepEqual(told, ["a", "b", "c", "(closed)"]);
  });

  it("go on with the next message after one has failed with several at work", async () => {
    const begun: unknown[] = [];
    const { receive, errors, frames } = open(
      {
        message: async (_, message) => {
          begun.push(message);
          await Promise.resolve();
          if (message === "a") throw new Error("a");
        },
      },
      { concurrency: 2 },
    );
    for (const message of ["a", "b", "c"]) receive(Opcode.text, message);
    await turn();
    assert.equal(errors.length, 1);
    assert.deepEqual(begun, ["a", "b"], "a connection that has failed gets no more");
    assert.equal(frames().at(-1), "close:1011");
  });

  it("are told of drops once for all of a turn, by the channel too", async () => {
    const drops: unknown[] = [];
    const published: unknown[] = [];
    const listener = (message: unknown): void => void published.push(message);
    subscribe("sluice.connection.drop", listener);
    const { socket, stream, engine } = open(
      { drop: (_, drop) => void drops.push(drop) },
      { sendBuffer: { slowConsumer: "dropNewest", highWaterBytes: 100, lowWaterBytes: 10 } },
    );
    engine.flusher.flush();
    stream.room = 0;
    socket.send("x".repeat(90));
    socket.flush();
    for (const message of ["a".repeat(50), "b".repeat(60)]) socket.send(message);
    assert.deepEqual(drops, [], "not from within send");
    await turn();
    unsubscribe("sluice.connection.drop", listener);
    assert.deepEqual(drops, [{ messages: 2, bytes: 114 }]);
    assert.deepEqual(published, [{ connection: socket, drop: { messages: 2, bytes: 114 } }]);
  });

  it("are told when the send buffer has drained", async () => {
    let drained = 0;
    const { socket, stream, engine } = open(
      { drain: () => void drained++ },
      { sendBuffer: { highWaterBytes: 100, lowWaterBytes: 10 } },
    );
    engine.flusher.flush();
    stream.room = 0;
    socket.send("x".repeat(200));
    socket.flush();
    assert.equal(socket.send("more"), false);
    assert.equal(drained, 0);
    stream.accept();
    assert.equal(drained, 1);
  });
});
