import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer as createHttpServer } from "node:http";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { type CloseOptions, createServer } from "../../../src/index.ts";
import { within } from "../../../src/internal/within.ts";
import { FakeResource } from "../../support/fake-resource.ts";
import { portOf } from "../../support/port-of.ts";
import { handshakeBytes, RawPeer, textFrame } from "../../support/raw-peer.ts";
import { startServer } from "../../support/test-server.ts";
import { tlsIdentity } from "../../support/tls-identity.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

const waiting = async (socket: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of socket);
};

describe("WebSocketServer", () => {
  it("says where it listens", async (t) => {
    for (const [host, url, address] of [
      ["127.0.0.1", "ws://127.0.0.1:PORT", "127.0.0.1:PORT"],
      ["::1", "ws://[::1]:PORT", "[::1]:PORT"],
      ["0.0.0.0", "ws://localhost:PORT", "0.0.0.0:PORT"],
    ] as const) {
      const server = await startServer(t, { handler: waiting, host });
      const place = (text: string): string => text.replace("PORT", String(server.port));
      assert.ok(server.port > 0);
      assert.equal(server.url, place(url));
      assert.deepEqual(server.addresses, [place(address)]);
    }
    const secure = await startServer(t, { handler: waiting, tls: tlsIdentity });
    assert.match(secure.url, /^wss:/);
  });

  it("listens once, and never again once it is closed", async () => {
    const server = createServer({ handler: waiting });
    await server.listen(0, "127.0.0.1");
    await assert.rejects(server.listen(0), {
      code: "SLUICE_ALREADY_LISTENING",
      message: /this server is listening on ws:\/\/127\.0\.0\.1:\d+ already/,
    });
    await server.close({ drainMs: 0 });
    await assert.rejects(server.listen(0), { code: "SLUICE_SERVER_CLOSED" });
    assert.deepEqual([server.port, server.url, server.addresses], [0, "", []]);
  });

  it("says of a second call that comes too early that the first is under way", async () => {
    const server = createServer({ handler: waiting });
    const listening = server.listen(0, "127.0.0.1");
    await assert.rejects(server.listen(0), {
      code: "SLUICE_ALREADY_LISTENING",
      message: "Leave this call of listen() out: this server is about to listen already.",
    });
    await listening;
    await server.close({ drainMs: 0 });
  });

  it("refuses to listen where nobody can, and may be told better", async () => {
    const server = createServer({ handler: waiting });
    for (const port of [70_000, -1, 1.5, Number.NaN, "80x", null] as number[]) {
      await assert.rejects(server.listen(port), {
        code: "SLUICE_INVALID_OPTION",
        message: "Correct the option port: must be a whole number from 0 to 65535.",
      });
    }
    for (const host of ["", null, 5] as string[]) {
      await assert.rejects(server.listen(0, host), {
        code: "SLUICE_INVALID_OPTION",
        message: /option host: must be a name or an address/,
      });
    }
    await server.listen(0, "127.0.0.1");
    await server.close({ drainMs: 0 });
  });

  it("may try again where it could not listen", async (t) => {
    const server = createServer({ handler: waiting });
    const other = await startServer(t, { handler: waiting });
    await assert.rejects(server.listen(other.port, "127.0.0.1"), { code: "SLUICE_ADDRESS_IN_USE" });
    await server.listen(0, "127.0.0.1");
    await server.close({ drainMs: 0 });
  });

  it("doesn't listen after all if it was closed meanwhile", async () => {
    const server = createServer({ handler: waiting });
    const listening = server.listen(0, "127.0.0.1");
    const refused = assert.rejects(listening, { code: "SLUICE_SERVER_CLOSED" });
    await server.close();
    await refused;
    assert.equal(server.port, 0);
  });

  it("closes once, whoever asks, and says when it has", async () => {
    const server = createServer({ handler: waiting });
    await server.listen(0, "127.0.0.1");
    const closing = server.close({ drainMs: 0 });
    assert.equal(server.close({ drainMs: 60_000 }), closing);
    assert.deepEqual(await closing, { closed: 0, cut: 0 });
    await server.closed;
    const never = createServer({ handler: waiting });
    assert.deepEqual(await never.close(), { closed: 0, cut: 0 });
    await never.closed;
  });

  it("closes nothing where it is told nonsense about how", async () => {
    const server = createServer({ handler: waiting });
    await server.listen(0, "127.0.0.1");
    for (const [options, message] of [
      [{ drainMs: Number.NaN }, /option drainMs: must be a number of milliseconds from 0 up/],
      [{ drainMs: -1 }, /option drainMs: /],
      [{ drainMs: "200" }, /option drainMs: /],
      [{ drainMs: null }, /option drainMs: /],
      [{ spreadMs: Number.NaN }, /option spreadMs: must be a number of milliseconds from 0 up/],
      [{ spreadMs: -1 }, /option spreadMs: /],
      [{ drain: 5 }, /option drain: there is no such option/],
      [null, /option options: must be an object, such as/],
      ["SIGTERM", /option options: must be an object/],
    ] as [CloseOptions, RegExp][]) {
      await assert.rejects(server.close(options), { code: "SLUICE_INVALID_OPTION", message });
    }
    const peer = await RawPeer.open(server.port);
    peer.destroy();
    await server.close({});
  });

  it("sets no limit where closing has none, and gives resources one that a timer can keep", async () => {
    for (const drainMs of [Number.POSITIVE_INFINITY, 2 ** 31 + 1_000]) {
      const resource = new FakeResource("one");
      const server = createServer({ handler: waiting, resources: [resource] });
      await server.listen(0, "127.0.0.1");
      const peer = await RawPeer.open(server.port);
      await waitFor("the connection", () => server.connections.size === 1);
      const closing = server.close({ drainMs, spreadMs: 0 });
      assert.equal(await peer.closeCode(), 1001);
      // It would be cut by then, if a timer were due at once.
      assert.equal(await within(20, closing), false);
      peer.destroy();
      assert.deepEqual(await closing, { closed: 1, cut: 0 });
      const given = resource.closedWith?.drainMs ?? 0;
      assert.ok(given > 2 ** 30 && given < 2 ** 31, String(given));
    }
  });

  it("knows its connections and groups", async (t) => {
    const server = await startServer(t, {
      handler: (socket) => {
        server.group("all").add(socket);
        return waiting(socket);
      },
    });
    const peers = [await RawPeer.open(server.port), await RawPeer.open(server.port)];
    await waitFor("both", () => server.group("all").size === 2);
    assert.equal(server.connections.size, 2);
    assert.deepEqual([...server.connections], [...server.group("all")]);
    server.broadcast("to all");
    server.group("all").send("to the group");
    for (const peer of peers)
      assert.deepEqual([await peer.text(), await peer.text()], ["to all", "to the group"]);
    assert.throws(() => server.broadcast(5 as unknown as string), { code: "SLUICE_INVALID_MESSAGE" });
  });

  it("counts", async (t) => {
    const server = await startServer(t, {
      handler: async (socket) => {
        for await (const message of socket) socket.send(message);
      },
      limits: { maxConnections: 20, maxBufferedBytes: 1_000_000 },
    });
    assert.deepEqual(server.limits, { maxConnections: 20, maxBufferedBytes: 1_000_000 });
    const peer = await RawPeer.open(server.port);
    peer.write(textFrame("hello"));
    await peer.text();
    const stats = server.stats();
    assert.equal(stats.connections, 1);
    assert.equal(stats.opened, 1);
    assert.deepEqual([stats.messagesIn, stats.messagesOut, stats.bytesIn], [1, 1, 11]);
    assert.equal(stats.bufferedBytes, 0);
    assert.ok(stats.flushes > 0);
    assert.equal(stats.shed, 0);
    stats.refused.origin = 99;
    stats.closed["1000"] = 99;
    assert.equal(server.stats().refused.origin, 0, "a copy of its own");
    peer.destroy();
    await waitFor("the end", () => server.stats().connections === 0);
    assert.deepEqual(server.stats().closed, { "1006": 1 });
  });

  it("says what is at a path where no WebSocket was asked for", async (t) => {
    const server = await startServer(t, { routes: { "/echo": waiting } });
    for (const [path, status] of [
      ["/echo?x", 426],
      ["/else", 404],
    ] as const) {
      const peer = await RawPeer.connect(server.port);
      peer.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const response = await peer.response();
      assert.equal(response.status, status);
      assert.equal(response.headers.get("sec-websocket-version"), status === 426 ? "13" : undefined);
      peer.destroy();
    }
  });

  it("survives an onError that throws", async (t) => {
    const written = t.mock.method(process.stderr, "write", () => true);
    const server = await startServer(t, {
      handler: () => assert.fail("on purpose"),
      onError: () => assert.fail("as well"),
    });
    const peer = await RawPeer.open(server.port);
    assert.equal(await peer.closeCode(), 1011);
    written.mock.restore();
    assert.equal(written.mock.callCount(), 1);
  });

  it("survives an onError that rejects", async (t) => {
    let written = "";
    const write = t.mock.method(process.stderr, "write", (chunk: string) => {
      written += chunk;
      return true;
    });
    const server = await startServer(t, {
      handler: () => assert.fail("on purpose"),
      onError: () => Promise.reject(new Error("as well")),
    });
    const peer = await RawPeer.open(server.port);
    assert.equal(await peer.closeCode(), 1011);
    await waitFor("the report", () => written !== "");
    write.mock.restore();
    assert.match(written, /^sluice: error in .*as well/);
  });

  it("closes what is in the middle of a handshake, so that the process can end", async () => {
    const server = createServer({ handler: waiting, authenticate: () => new Promise(() => {}) });
    await server.listen(0, "127.0.0.1");
    const { port } = server;
    const silent = await RawPeer.connect(port);
    const half = await RawPeer.connect(port);
    half.write("GET / HTTP/1.1\r\nHost:");
    const waitingForAnswer = await RawPeer.connect(port);
    waitingForAnswer.write(handshakeBytes());
    await waitFor("all three", () => server.stats().handshakes === 3);
    await server.close({ drainMs: 0 });
    for (const peer of [silent, half, waitingForAnswer]) await inTime("the end", peer.ended());
    for (const peer of [silent, half, waitingForAnswer]) peer.destroy();
    await waitFor("the end of all handshakes", () => server.stats().handshakes === 0);
  });

  describe("that takes the upgrades of another server", () => {
    it("doesn't listen itself, and knows where the other one does", async (t) => {
      const http = createHttpServer();
      const server = createServer({ server: http, handler: waiting });
      await assert.rejects(server.listen(0), {
        code: "SLUICE_ALREADY_LISTENING",
        message: /the http\.Server that was given as the option server listens for it/,
      });
      assert.equal(server.port, 0);
      const port = await portOf(http);
      t.after(async () => {
        await server.close({ drainMs: 0 });
        http.close();
      });
      assert.equal(server.port, port);
      const peer = await RawPeer.open(port);
      assert.equal(server.connections.size, 1);
      peer.destroy();
    });

    it("refuses while it drains, and is gone from the other one when it has closed", async (t) => {
      const http = createHttpServer((_request, response) => response.end("plain"));
      const server = createServer({ server: http, handler: waiting });
      const port = await portOf(http);
      t.after(() => http.close());
      const peer = await RawPeer.open(port);
      const closing = server.close({ drainMs: 60_000, spreadMs: 0 });
      const late = await RawPeer.connect(port);
      late.write(handshakeBytes());
      assert.equal((await late.response()).status, 503);
      late.destroy();
      peer.destroy();
      await closing;
      assert.equal(http.listenerCount("upgrade"), 0);
      http.closeAllConnections();
    });

    it("leaves paths that are none of its own to others", async (t) => {
      const http = createHttpServer();
      const server = createServer({ server: http, routes: { "/ours": waiting } });
      const port = await portOf(http);
      t.after(async () => {
        await server.close({ drainMs: 0 });
        http.close();
      });
      const alone = await RawPeer.connect(port);
      alone.write(handshakeBytes({ path: "/theirs" }));
      assert.equal((await alone.response()).status, 404, "there is nobody else");
      alone.destroy();
      const theirs: string[] = [];
      http.on("upgrade", (request, socket) => {
        if (request.url !== "/theirs") return;
        theirs.push(request.url);
        socket.end("HTTP/1.1 101 \r\n\r\n");
      });
      const peer = await RawPeer.connect(port);
      peer.write(handshakeBytes({ path: "/theirs" }));
      assert.equal((await peer.response()).status, 101);
      assert.deepEqual(theirs, ["/theirs"]);
      peer.destroy();
      (await RawPeer.open(port, { path: "/ours" })).destroy();
    });
  });

  it("publishes that it listens and closes", async () => {
    const told: unknown[] = [];
    const listener = (message: unknown, name: string | symbol): void => void told.push([name, message]);
    const names = ["sluice.server.listening", "sluice.server.closing"];
    for (const name of names) subscribe(name, listener);
    const server = createServer({ handler: waiting });
    await server.listen(0, "127.0.0.1");
    const { addresses } = server;
    await server.close({ drainMs: 5 });
    for (const name of names) unsubscribe(name, listener);
    assert.deepEqual(told, [
      ["sluice.server.listening", { server, addresses }],
      ["sluice.server.closing", { server, drainMs: 5 }],
    ]);
  });

  it("takes no connection any more while it drains", async () => {
    const server = createServer({ handler: waiting });
    await server.listen(0, "127.0.0.1");
    const { port } = server;
    const peer = await RawPeer.open(port);
    const closed = server.close({ drainMs: 60_000, spreadMs: 0 });
    assert.equal(await peer.closeCode(), 1001);
    const late = connect(port, "127.0.0.1");
    const code = await new Promise((resolve) =>
      late.on("error", (error: NodeJS.ErrnoException) => resolve(error.code)),
    );
    assert.equal(code, "ECONNREFUSED");
    peer.destroy();
    assert.equal((await closed).cut + (await closed).closed, 1);
  });
});
