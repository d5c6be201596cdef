import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createServer, type Server, type ServerOptions } from "../../src/index.ts";
import { echo, untilClosed } from "../support/handlers.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { waitFor } from "../support/wait-for.ts";
import { WsClient } from "../support/ws-client.ts";

async function listening(t: TestContext, options: ServerOptions): Promise<Server> {
  const server = createServer(options);
  await server.listen(0, "127.0.0.1");
  t.after(() => server.close({ drainMs: 0 }));
  return server;
}

describe("server.close", () => {
  it("sends clients away with 1001, after everything that was sent to them", async (t) => {
    const server = await listening(t, { handler: untilClosed });
    const clients = [await WsClient.open(t, server.url), await WsClient.open(t, server.url)];
    await waitFor("both", () => server.connections.size === 2);
    for (const socket of server.connections) {
      server.group("all").add(socket);
      socket.send("direct");
    }
    server.group("all").send("group");
    server.broadcast("all");
    const closing = server.close({ drainMs: 60_000, spreadMs: 0 });
    for (const client of clients) {
      assert.deepEqual(await client.take(3), ["direct", "group", "all"]);
      assert.deepEqual(await client.end(), { code: 1001, reason: "server closing" });
    }
    assert.deepEqual(await closing, { closed: 2, cut: 0 });
    assert.equal(server.connections.size, 0);
    await server.closed;
  });

  it("waits for a client that reads slowly, and cuts one that doesn't at the deadline", async (t) => {
    const server = await listening(t, {
      handler: (socket) => {
        socket.on({});
        if (socket.request.path === "/much") socket.send(Buffer.alloc(30_000_000));
      },
      sendBuffer: { highWaterBytes: 40_000_000, maxBufferedBytes: 50_000_000 },
    });
    const quick = await WsClient.open(t, server.url);
    const stuck = await WsClient.open(t, `${server.url}/much`, { maxPayload: 50_000_000 });
    stuck.socket.pause();
    const result = await server.close({ drainMs: 2_000, spreadMs: 0 });
    assert.deepEqual(result, { closed: 1, cut: 1 });
    assert.equal((await quick.end()).code, 1001);
    stuck.socket.resume();
    assert.equal((await stuck.end()).code, 1006);
  });

  it("cuts at once where there is no time", async (t) => {
    const server = await listening(t, { handler: untilClosed });
    const client = await WsClient.open(t, server.url);
    await waitFor("a connection", () => server.connections.size === 1);
    assert.deepEqual(await server.close({ drainMs: 0 }), { closed: 0, cut: 1 });
    assert.equal((await client.end()).code, 1006);
  });

  it("spreads the goodbyes over time", async (t) => {
    const server = await listening(t, { handler: untilClosed });
    const peers = await Promise.all(Array.from({ length: 160 }, () => RawPeer.open(server.port)));
    await waitFor("all", () => server.connections.size === 160);
    const closing = server.close({ drainMs: 60_000, spreadMs: 200 });
    const goodbyes: number[] = [];
    const ends = peers.map(async (peer, at) => {
      assert.equal(await peer.closeCode(), 1001);
      goodbyes.push(at);
      return [...server.connections].filter(({ state }) => state === "open").length;
    });
    const stillOpen = await Promise.all(ends);
    assert.ok(Math.max(...stillOpen) > 0, "some were still open when the first had heard it");
    assert.equal(goodbyes.length, 160);
    for (const peer of peers) peer.destroy();
    const { closed, cut } = await closing;
    assert.equal(closed + cut, 160);
  });

  it("spreads them over all of the time also where there are few", async (t) => {
    const server = await listening(t, { handler: untilClosed });
    const clients = await Promise.all(Array.from({ length: 12 }, () => WsClient.open(t, server.url)));
    await waitFor("all", () => server.connections.size === 12);
    const start = performance.now();
    const closing = server.close({ drainMs: 60_000, spreadMs: 1_100 });
    const told = await Promise.all(
      clients.map(async (client) => {
        assert.equal((await client.end()).code, 1001);
        return performance.now() - start;
      }),
    );
    assert.deepEqual(await closing, { closed: 12, cut: 0 });
    // However slow this machine is, nobody is told before it is his turn: one each 100 ms.
    for (const [at, elapsed] of told.sort((a, b) => a - b).entries()) {
      assert.ok(elapsed >= at * 100 - 1, `number ${at} was told after ${elapsed} ms`);
    }
  });

  it("accepts nobody any more, from its first moment on", async (t) => {
    const server = await listening(t, { handler: untilClosed });
    const { port, url } = server;
    const client = await WsClient.open(t, url);
    const closing = server.close({ drainMs: 60_000, spreadMs: 0 });
    await assert.rejects(RawPeer.connect(port));
    client.socket.close();
    await closing;
    assert.equal(server.url, "");
  });

  it("refuses who is in the middle of a handshake", async (t) => {
    const server = await listening(t, { handler: echo, authenticate: () => new Promise(() => {}) });
    const refused = WsClient.refused(server.url);
    await waitFor("the handshake", () => server.stats().handshakes === 1);
    await server.close({ drainMs: 60_000 });
    assert.equal((await refused).status, 503);
    assert.equal(server.stats().refused.closing, 1);
  });

  it("lets plain requests that are being answered end", async (t) => {
    const answers: (() => void)[] = [];
    const server = await listening(t, {
      http: (_, response) => void answers.push(() => response.end("late")),
      handler: untilClosed,
    });
    const peer = await RawPeer.connect(server.port);
    peer.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    await waitFor("the request", () => answers.length === 1);
    const client = await WsClient.open(t, server.url);
    client.socket.pause();
    const closing = server.close({ drainMs: 60_000, spreadMs: 0 });
    answers[0]?.();
    assert.equal((await peer.response()).body, "late");
    peer.destroy();
    client.socket.resume();
    await closing;
  });

  it("waits for plain requests where there is no WebSocket, and cuts them at the deadline", async (t) => {
    const answers: (() => void)[] = [];
    const http: ServerOptions["http"] = (_, response) => void answers.push(() => response.end("late"));
    const server = await listening(t, { http });
    const [idle, slow] = [await RawPeer.connect(server.port), await RawPeer.connect(server.port)];
    for (const [at, peer] of [idle, slow].entries()) {
      peer.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await waitFor("the request", () => answers.length === at + 1);
    }
    answers[0]?.();
    assert.equal((await idle.response()).body, "late");
    const closing = server.close({ drainMs: 60_000 });
    await idle.ended();
    answers[1]?.();
    const { body, headers } = await slow.response();
    assert.deepEqual([body, headers.get("connection")], ["late", "close"]);
    await slow.ended();
    assert.deepEqual(await closing, { closed: 0, cut: 0 });
    for (const peer of [idle, slow]) peer.destroy();

    const cutting = await listening(t, { http });
    const endless = await RawPeer.connect(cutting.port);
    endless.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await waitFor("the request", () => answers.length === 3);
    const start = performance.now();
    await cutting.close({ drainMs: 300 });
    assert.ok(performance.now() - start >= 299, "it had its time");
    assert.equal(await endless.responseIfAny(), undefined);
    endless.destroy();
  });

  it("lets handlers do their last work by the signal", async (t) => {
    const lastWords: string[] = [];
    const server = await listening(t, {
      handler: async (socket) => {
        for await (const _ of socket);
        lastWords.push(`${socket.signal.aborted} ${socket.closeCode}`);
      },
    });
    const client = await WsClient.open(t, server.url);
    await server.close({ drainMs: 60_000, spreadMs: 0 });
    await waitFor("the last words", () => lastWords.length === 1);
    assert.deepEqual(lastWords, ["true 1001"]);
    await client.end();
  });
});
