import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { onlyConnection } from "../support/handlers.ts";
import { RawPeer, textFrame } from "../support/raw-peer.ts";
import { startServer } from "../support/test-server.ts";
import { inTime, waitFor } from "../support/wait-for.ts";
import { WsClient } from "../support/ws-client.ts";

describe("a handler that reads its connection", () => {
  it("may leave its loop and begin another one", async (t) => {
    const server = await startServer(t, {
      handler: async (socket) => {
        for await (const message of socket) {
          if (message === "next") break;
          socket.send(`first ${message}`);
        }
        for await (const message of socket) socket.send(`second ${message}`);
      },
    });
    const client = await WsClient.open(t, server.url);
    for (const message of ["a", "b", "next", "c", "d"]) client.send(message);
    assert.deepEqual(await client.take(4), ["first a", "first b", "second c", "second d"]);
  });

  it("reads in one place only", async (t) => {
    const server = await startServer(t, {
      handler: async (socket) => {
        const first = socket[Symbol.asyncIterator]();
        const reading = first.next();
        try {
          for await (const _ of socket);
        } catch (error) {
          socket.send((error as { code: string }).code);
        }
        socket.send(`still reads ${(await reading).value}`);
      },
    });
    const client = await WsClient.open(t, server.url);
    assert.equal(await client.next(), "SLUICE_ITERATOR_BUSY");
    client.send("this");
    assert.equal(await client.next(), "still reads this");
  });

  it("gets what came before the close, and then its loop ends", async (t) => {
    const read: unknown[] = [];
    let isOver = false;
    const server = await startServer(t, {
      handler: async (socket) => {
        await socket.closed;
        for await (const message of socket) read.push(message);
        isOver = true;
      },
    });
    const client = await WsClient.open(t, server.url);
    for (const message of ["a", "b"]) client.send(message);
    client.socket.close();
    await waitFor("the end of the loop", () => isOver);
    assert.deepEqual(read, ["a", "b"]);
  });

  it("doesn't hold up other connections while it awaits", async (t) => {
    const server = await startServer(t, {
      handler: async (socket) => {
        for await (const message of socket) {
          if (message === "hang") await socket.closed;
          socket.send(message);
        }
      },
    });
    const hanging = await WsClient.open(t, server.url);
    hanging.send("hang");
    const other = await WsClient.open(t, server.url);
    other.send("hello");
    assert.equal(await other.next(), "hello");
  });

  it("has the peer wait when it is behind: reading stops at the high-water mark, and goes on", async (t) => {
    const release: (() => void)[] = [];
    const server = await startServer(t, {
      handler: async (socket) => {
        await new Promise<void>((resolve) => release.push(resolve));
        for await (const message of socket) {
          if (!socket.send(String(message.length))) await socket.drained();
        }
      },
      receive: { highWaterMessages: 10, lowWaterMessages: 2 },
    });
    const peer = await RawPeer.open(server.port);
    const frame = textFrame("x".repeat(10_000));
    // More than all buffers of the kernel between the two can hold: what isn't read stays with the peer.
    const flood = Buffer.concat(Array.from({ length: 3_000 }, () => frame));
    let isWritten = false;
    void peer.written(flood).then(() => {
      isWritten = true;
    });
    await waitFor("the mark", () => server.stats().messagesIn >= 10);
    const { bytesIn } = server.stats();
    for (let look = 0; look < 20; look++) {
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(server.stats().messagesIn <= 10);
    }
    assert.ok(bytesIn < flood.length / 4, `${bytesIn} of ${flood.length}`);
    assert.ok(server.stats().bufferedBytes < 1_000_000);
    assert.equal(isWritten, false);
    release[0]?.();
    for (let count = 0; count < 3_000; count++) assert.equal(await peer.text(), "10000");
    assert.equal(isWritten, true);
    assert.equal(server.stats().messagesIn, 3_000);
    await waitFor("nothing to be held", () => server.stats().bufferedBytes === 0);
    peer.destroy();
  });
});

describe("callbacks", () => {
  it("are called in order, whatever they return", async (t) => {
    const server = await startServer(t, {
      handler: {
        message: (socket, message) => {
          socket.send(message);
          return message === "b" ? Promise.resolve() : undefined;
        },
      },
    });
    const client = await WsClient.open(t, server.url);
    const messages = ["a", "b", "c", "b", "d"];
    for (const message of messages) client.send(message);
    assert.deepEqual(await client.take(5), messages);
  });

  for (const concurrency of [1, 4]) {
    it(`await ${concurrency} at a time, begun in the order of the messages`, async (t) => {
      const begun: number[] = [];
      let running = 0;
      let most = 0;
      const server = await startServer(t, {
        concurrency,
        handler: {
          message: async (socket, message) => {
            begun.push(Number(message));
            most = Math.max(most, ++running);
            for (let turn = 0; turn < 1 + (Number(message) % 3); turn++) {
              await new Promise((resolve) => setImmediate(resolve));
            }
            running--;
            socket.send(message);
          },
        },
      });
      const client = await WsClient.open(t, server.url);
      const numbers = Array.from({ length: 200 }, (_, at) => at);
      for (const number of numbers) client.send(String(number));
      const answers = await client.take(200);
      assert.deepEqual(begun, numbers);
      assert.equal(most, concurrency);
      const sorted = [...answers].sort((a, b) => Number(a) - Number(b));
      assert.deepEqual(sorted, numbers.map(String));
      if (concurrency === 1) assert.deepEqual(answers, sorted);
    });
  }

  it("hold memory flat under a flood, since they are awaited", async (t) => {
    const waiting: (() => void)[] = [];
    const server = await startServer(t, {
      handler: { message: () => new Promise<void>((resolve) => waiting.push(resolve)) },
      // While reading is stopped, only what is sent finds out that nobody is there.
      keepalive: { pingIntervalMs: 100 },
    });
    const peer = await RawPeer.open(server.port);
    const flood = Buffer.concat(Array.from({ length: 3_000 }, () => textFrame("x".repeat(10_000))));
    void peer.written(flood);
    await waitFor("the mark", () => server.stats().bufferedBytes >= 100_000);
    for (let look = 0; look < 20; look++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(server.stats().bufferedBytes < 1_000_000);
    assert.equal(waiting.length, 1);
    waiting.pop()?.();
    await waitFor("the next one", () => waiting.length === 1);
    peer.reset();
    await waitFor("the end", () => server.connections.size === 0);
    assert.equal(server.stats().bufferedBytes, 0);
  });

  it("can be set by a handler, which then may return", async (t) => {
    const server = await startServer(t, {
      handler: async (socket) => {
        const first = await socket[Symbol.asyncIterator]().next();
        socket.on({ message: (_, message) => void socket.send(`${first.value}, then ${message}`) });
      },
    });
    const client = await WsClient.open(t, server.url);
    client.send("one");
    client.send("two");
    assert.equal(await client.next(), "one, then two");
    assert.equal((await onlyConnection(server)).state, "open");
  });

  it("that fail close their connection with 1011, and no other", async (t) => {
    const errors: unknown[] = [];
    const server = await startServer(t, {
      handler: {
        message: (socket, message) => {
          if (message === "sync") throw new Error("sync");
          if (message === "async") return Promise.reject(new Error("async"));
          socket.send(message);
          return undefined;
        },
      },
      onError: (error) => errors.push((error as Error).message),
    });
    const witness = await WsClient.open(t, server.url);
    for (const message of ["sync", "async"]) {
      const client = await WsClient.open(t, server.url);
      client.send(message);
      assert.equal((await client.end()).code, 1011);
    }
    assert.deepEqual(errors, ["sync", "async"]);
    witness.send("still here");
    assert.equal(await inTime("the witness", witness.next()), "still here");
  });
});
