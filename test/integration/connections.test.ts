import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import type { Connection } from "../../src/index.ts";
import { echo, onlyConnection } from "../support/handlers.ts";
import { startServer } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { WsClient } from "../support/ws-client.ts";

describe("a connection, with the ws client at the other end", () => {
  it("echoes texts and bytes of every size, in order", async (t) => {
    const server = await startServer(t, { handler: echo });
    const client = await WsClient.open(t, server.url);
    const messages = [0, 1, 125, 126, 1_000, 16_384, 65_535, 65_536, 1_000_000].flatMap((size) => [
      "é".repeat(size / 2),
      Buffer.alloc(size, size),
    ]);
    for (const message of messages) client.send(message);
    const received = await client.take(messages.length);
    for (const [at, message] of messages.entries()) {
      const same = Buffer.isBuffer(message)
        ? message.equals(received[at] as Buffer)
        : message === received[at];
      assert.ok(same, `message ${at}`);
    }
  });

  it("gets what its handler sends at once, before it has said anything", async (t) => {
    const server = await startServer(t, {
      handler: async (socket) => {
        socket.send("1");
        socket.send(Buffer.from("2"));
        await Promise.resolve();
        socket.send("3");
        socket.flush();
        await socket.closed;
      },
    });
    const client = await WsClient.open(t, server.url);
    assert.deepEqual(await client.take(3), ["1", Buffer.from("2"), "3"]);
  });

  it("takes messages in fragments, with pings in between", async (t) => {
    const server = await startServer(t, { handler: echo });
    const client = await WsClient.open(t, server.url);
    const pong = once(client.socket, "pong");
    client.socket.send("one ", { fin: false });
    client.socket.send("two ", { fin: false });
    client.socket.ping("between");
    client.socket.send("three", { fin: true });
    assert.equal(String((await pong)[0]), "between");
    assert.equal(await client.next(), "one two three");
  });

  it("pings and is ponged", async (t) => {
    const pongs: string[] = [];
    const pings: string[] = [];
    const server = await startServer(t, {
      handler: {
        open: (socket) => socket.ping("are you there"),
        pong: (_, payload) => void pongs.push(payload.toString()),
        ping: (_, payload) => void pings.push(payload.toString()),
      },
    });
    const client = await WsClient.open(t, server.url);
    client.socket.ping("and you");
    await once(client.socket, "pong");
    await waitFor("the pong", () => pongs.length === 1);
    assert.deepEqual([pongs, pings], [["are you there"], ["and you"]]);
  });

  it("is pinged when it has been silent, and lives as long as it answers", async (t) => {
    const server = await startServer(t, {
      handler: echo,
      keepalive: { pingIntervalMs: 150, pongTimeoutMs: 5_000 },
    });
    const client = await WsClient.open(t, server.url);
    for (let count = 0; count < 3; count++) await once(client.socket, "ping");
    assert.equal(server.connections.size, 1);
  });

  it("is dropped when it doesn't answer", async (t) => {
    const server = await startServer(t, {
      handler: echo,
      keepalive: { pingIntervalMs: 100, pongTimeoutMs: 100 },
    });
    const client = await WsClient.open(t, server.url, { autoPong: false });
    assert.equal((await client.end()).code, 1006);
    assert.equal(server.stats().pongTimeouts, 1);
  });

  it("knows the request that opened it", async (t) => {
    const server = await startServer(t, {
      routes: {
        "/room/:name": async (socket) => {
          const { url, path, query, params, remoteAddress, remotePort, encrypted, rawHeaders } =
            socket.request;
          const headers = [socket.request.header("x-test"), rawHeaders.includes("X-Test")];
          socket.send(
            JSON.stringify({
              url,
              path,
              query,
              params,
              remoteAddress,
              encrypted,
              headers,
              port: remotePort > 0,
            }),
          );
          await socket.closed;
        },
      },
    });
    const client = await WsClient.open(t, `${server.url}/room/a%20b?c=d`, { headers: { "X-Test": "yes" } });
    assert.deepEqual(JSON.parse(String(await client.next())), {
      url: "/room/a%20b?c=d",
      path: "/room/a%20b",
      query: "c=d",
      params: { name: "a b" },
      remoteAddress: "127.0.0.1",
      encrypted: false,
      headers: ["yes", true],
      port: true,
    });
  });

  describe("that closes", () => {
    it("gives its code and reason to the other side, either way", async (t) => {
      const server = await startServer(t, { handler: echo });
      const client = await WsClient.open(t, server.url);
      const socket = await onlyConnection(server);
      socket.close(4001, "enough ä");
      assert.equal(socket.state, "closing");
      assert.deepEqual(await client.end(), { code: 4001, reason: "enough ä" });
      await socket.closed;
      assert.deepEqual([socket.state, socket.closeCode, socket.closeReason], ["closed", 4001, "enough ä"]);

      const other = await WsClient.open(t, server.url);
      const theirs = await onlyConnection(server);
      other.socket.close(4002, "bye");
      assert.deepEqual(await other.end(), { code: 4002, reason: "" });
      await theirs.closed;
      assert.deepEqual([theirs.closeCode, theirs.closeReason], [4002, "bye"]);
      assert.deepEqual(server.stats().closed, { "4001": 1, "4002": 1 });
    });

    it("closes without a code if the peer does", async (t) => {
      const server = await startServer(t, { handler: echo });
      const client = await WsClient.open(t, server.url);
      const socket = await onlyConnection(server);
      client.socket.close();
      assert.equal((await client.end()).code, 1005);
      await socket.closed;
      assert.equal(socket.closeCode, 1005);
    });

    it("closes with 1000 when its handler returns, and with 1011 when that throws", async (t) => {
      const errors: [unknown, Connection | undefined][] = [];
      const failure = new Error("broken");
      const server = await startServer(t, {
        routes: {
          "/returns": async (socket) => void socket.send("last"),
          "/throws": async () => {
            throw failure;
          },
        },
        onError: (error, socket) => errors.push([error, socket]),
      });
      const returning = await WsClient.open(t, `${server.url}/returns`);
      assert.equal(await returning.next(), "last");
      assert.deepEqual(await returning.end(), { code: 1000, reason: "" });
      const throwing = await WsClient.open(t, `${server.url}/throws`);
      assert.deepEqual(await throwing.end(), { code: 1011, reason: "" });
      assert.equal(errors.length, 1);
      assert.equal(errors[0]?.[0], failure);
      assert.equal(errors[0]?.[1]?.request.path, "/throws");
      assert.equal(server.stats().handlerErrors, 1);
    });

    it("drops the connection when it is terminated, from either side", async (t) => {
      const server = await startServer(t, { handler: echo });
      const client = await WsClient.open(t, server.url);
      (await onlyConnection(server)).terminate();
      assert.equal((await client.end()).code, 1006);
      await waitFor("the end", () => server.connections.size === 0);
      const other = await WsClient.open(t, server.url);
      const socket = await onlyConnection(server);
      other.socket.terminate();
      await socket.closed;
      assert.equal(socket.closeCode, 1006);
    });

    it("aborts its signal, so that what its handler waits for ends", async (t) => {
      const ended: string[] = [];
      const errors: unknown[] = [];
      const server = await startServer(t, {
        handler: async ({ signal }) => {
          const timers = await import("node:timers/promises");
          await timers.setTimeout(3_600_000, undefined, { signal }).catch((error: Error) => {
            ended.push(error.name);
            throw signal.reason;
          });
        },
        onError: (error) => errors.push(error),
      });
      const client = await WsClient.open(t, server.url);
      client.socket.close();
      await waitFor("the handler's end", () => ended.length === 1);
      assert.deepEqual(ended, ["AbortError"]);
      assert.deepEqual(errors, []);
    });

    it("drops a peer that doesn't answer the close frame", async (t) => {
      const server = await startServer(t, { handler: echo, closeTimeoutMs: 100 });
      const client = await WsClient.open(t, server.url);
      client.socket.pause();
      const socket = await onlyConnection(server);
      socket.close();
      await socket.closed;
      assert.equal(socket.closeCode, 1000);
    });

    it("is told of by its callback, whoever closed it", async (t) => {
      const told: unknown[] = [];
      const server = await startServer(t, {
        handler: { close: (socket, code, reason) => void told.push([socket.state, code, reason]) },
      });
      const client = await WsClient.open(t, server.url);
      client.socket.close(3001, "client");
      await waitFor("the callback", () => told.length === 1);
      await WsClient.open(t, server.url);
      (await onlyConnection(server)).close(3002, "server");
      await waitFor("the callback", () => told.length === 2);
      assert.deepEqual(told, [
        ["closed", 3001, "client"],
        ["closed", 3002, "server"],
      ]);
    });
  });
});
