import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Connection, refuse, route } from "../../src/index.ts";
import { echo, onlyConnection, untilClosed } from "../support/handlers.ts";
import { handshakeBytes, RawPeer } from "../support/raw-peer.ts";
import { startServer } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { WsClient } from "../support/ws-client.ts";

describe("a handshake, with the ws client", () => {
  it("agrees on the subprotocol that the server likes best", async (t) => {
    const server = await startServer(t, { handler: untilClosed, subprotocols: ["v2", "v1"] });
    const client = await WsClient.open(t, server.url, { subprotocols: ["v1", "v2", "v3"] });
    assert.equal(client.socket.protocol, "v2");
    assert.equal((await onlyConnection(server)).subprotocol, "v2");
  });

  it("agrees on none where none was offered", async (t) => {
    const server = await startServer(t, { handler: untilClosed, subprotocols: ["v2"] });
    const client = await WsClient.open(t, server.url);
    assert.equal(client.socket.protocol, "");
    assert.equal((await onlyConnection(server)).subprotocol, "");
  });

  it("lets a function choose by the request", async (t) => {
    const server = await startServer(t, {
      handler: untilClosed,
      subprotocols: (offered, request) => offered.find((name) => `/${name}` === request.path),
    });
    const client = await WsClient.open(t, `${server.url}/b`, { subprotocols: ["a", "b"] });
    assert.equal(client.socket.protocol, "b");
  });

  it("serves each path by its own handler and options", async (t) => {
    const server = await startServer(t, {
      maxMessageBytes: 100,
      routes: {
        "/echo": echo,
        "/name/:name": (socket) => void socket.send(`you are ${socket.request.params["name"]}`),
        "/callbacks": { open: (socket) => void socket.send("opened") },
        "/large": { handler: echo, maxMessageBytes: 10_000 },
        "/files/*": (socket) => void socket.send(String(socket.request.params["*"])),
      },
    });
    const named = await WsClient.open(t, `${server.url}/name/%C3%A4`);
    assert.equal(await named.next(), "you are ä");
    assert.equal((await named.end()).code, 1000);
    assert.equal(await (await WsClient.open(t, `${server.url}/callbacks`)).next(), "opened");
    assert.equal(await (await WsClient.open(t, `${server.url}/files/a/b?c`)).next(), "a/b");
    const large = await WsClient.open(t, `${server.url}/large`);
    large.send("x".repeat(5_000));
    assert.equal(String(await large.next()).length, 5_000);
    const small = await WsClient.open(t, `${server.url}/echo`);
    small.send("x".repeat(5_000));
    assert.deepEqual(await small.end(), { code: 1009, reason: "message too big" });
    const refused = await WsClient.refused(`${server.url}/else`);
    assert.equal(refused.status, 404);
    assert.equal(server.stats().refused.notFound, 1);
  });

  it("attaches what authenticate has found, awaited", async (t) => {
    interface User {
      readonly name: string;
    }
    const server = await startServer(t, {
      routes: {
        "/sync": route<User>({
          authenticate: (request) => ({ name: request.header("x-user") ?? "nobody" }),
          handler: (socket) => void socket.send(socket.data.name),
        }),
        "/async": route<User>({
          authenticate: async (request) => {
            await new Promise((resolve) => setImmediate(resolve));
            return { name: request.query };
          },
          handler: (socket) => void socket.send(socket.data.name),
        }),
      },
    });
    const sync = await WsClient.open(t, `${server.url}/sync`, { headers: { "X-User": "ada" } });
    assert.equal(await sync.next(), "ada");
    assert.equal(await (await WsClient.open(t, `${server.url}/async?grace`)).next(), "grace");
  });

  it("is refused as authenticate says", async (t) => {
    const server = await startServer(t, {
      handler: untilClosed,
      authenticate: async (request) => {
        if (request.path === "/later") await new Promise((resolve) => setImmediate(resolve));
        return refuse(401, "Log in first", { "WWW-Authenticate": "Bearer" });
      },
    });
    for (const path of ["/", "/later"]) {
      const { status, headers, body } = await WsClient.refused(server.url + path);
      assert.deepEqual([status, headers["www-authenticate"], body], [401, "Bearer", "Log in first"]);
    }
    assert.equal(server.stats().refused.authentication, 2);
    assert.equal(server.connections.size, 0);
  });

  it("is answered with 500 when authenticate fails, and the server goes on", async (t) => {
    const errors: unknown[] = [];
    const server = await startServer(t, {
      onError: (error, socket) => errors.push([(error as Error).message, socket]),
      routes: {
        "/echo": echo,
        "/throws": {
          handler: untilClosed,
          authenticate: () => {
            throw new Error("sync");
          },
        },
        "/rejects": { handler: untilClosed, authenticate: () => Promise.reject(new Error("async")) },
        "/status": { handler: untilClosed, authenticate: async () => refuse(200) },
        "/header": { handler: untilClosed, authenticate: async () => refuse(403, "", { "X-A": "b\nc" }) },
      },
    });
    for (const path of ["/throws", "/rejects", "/status", "/header"]) {
      assert.equal((await WsClient.refused(server.url + path)).status, 500, path);
    }
    assert.equal(errors.length, 4);
    assert.deepEqual(errors.slice(0, 2), [
      ["sync", undefined],
      ["async", undefined],
    ]);
    const client = await WsClient.open(t, `${server.url}/echo`);
    client.send("still here");
    assert.equal(await client.next(), "still here");
  });

  it("takes what was sent while authenticate was asked", async (t) => {
    const decide: (() => void)[] = [];
    const server = await startServer(t, {
      handler: echo,
      authenticate: () => new Promise<undefined>((resolve) => decide.push(() => resolve(undefined))),
    });
    const peer = await RawPeer.connect(server.port);
    peer.write(Buffer.concat([handshakeBytes(), Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61])]));
    await waitFor("the question", () => decide.length === 1);
    peer.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x62]));
    decide[0]?.();
    assert.equal((await peer.response()).status, 101);
    assert.deepEqual([await peer.text(), await peer.text()], ["a", "b"]);
    peer.destroy();
  });

  it("is let in from the pages that may, and from no other", async (t) => {
    const server = await startServer(t, {
      routes: {
        "/same": untilClosed,
        "/any": { handler: untilClosed, origins: "any" },
        "/list": { handler: untilClosed, origins: ["https://good.example"] },
      },
    });
    const own = `http://127.0.0.1:${server.port}`;
    await WsClient.open(t, `${server.url}/same`, { origin: own });
    await WsClient.open(t, `${server.url}/any`, { origin: "https://evil.example" });
    await WsClient.open(t, `${server.url}/list`, { origin: "https://good.example" });
    assert.equal(
      (await WsClient.refused(`${server.url}/same`, { origin: "https://good.example" })).status,
      403,
    );
    assert.equal((await WsClient.refused(`${server.url}/list`, { origin: own })).status, 403);
    assert.equal(server.stats().refused.origin, 2);
  });

  it("is told to come back when the server is full, and let in when there is room again", async (t) => {
    const server = await startServer(t, {
      handler: echo,
      limits: { maxConnections: 2 },
      retryAfterSeconds: 7,
    });
    const first = await WsClient.open(t, server.url);
    await WsClient.open(t, server.url);
    const { status, headers } = await WsClient.refused(server.url);
    assert.deepEqual([status, headers["retry-after"]], [503, "7"]);
    assert.equal(server.stats().refused.connections, 1);
    first.socket.close();
    await waitFor("room", () => server.connections.size === 1);
    const third = await WsClient.open(t, server.url);
    third.send("hello");
    assert.equal(await third.next(), "hello");
  });

  it("is refused when it takes too long", async (t) => {
    const server = await startServer(t, {
      handler: untilClosed,
      limits: { handshakeTimeoutMs: 100 },
      authenticate: (request) => (request.path === "/slow" ? new Promise(() => {}) : undefined),
    });
    assert.equal((await WsClient.refused(`${server.url}/slow`)).status, 408);
    const silent = await RawPeer.connect(server.port);
    assert.equal((await silent.response()).status, 408);
    silent.destroy();
    assert.equal(server.stats().refused.handshakeTimeout, 2);
  });

  it("has a type for its data", async (t) => {
    const seen: number[] = [];
    const server = await startServer(t, {
      authenticate: () => ({ visits: 1 }),
      handler: (socket: Connection<unknown>) => {
        const data = socket.data as { visits: number };
        data.visits++;
        seen.push(data.visits);
      },
    });
    await (await WsClient.open(t, server.url)).end();
    assert.deepEqual(seen, [2]);
  });
});
