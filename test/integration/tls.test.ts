import assert from "node:assert/strict";
import { request as requestHttps } from "node:https";
import { describe, it } from "node:test";
import type { Server } from "../../src/index.ts";
import { echo, onlyConnection, untilClosed } from "../support/handlers.ts";
import { startServer } from "../support/test-server.ts";
import { tlsIdentity } from "../support/tls-identity.ts";
import { WsClient } from "../support/ws-client.ts";

const trusting = { ca: tlsIdentity.cert };

/** An HTTPS request on the same port. */
function get(server: Server, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: server.port, path, ...trusting, agent: false };
    const request = requestHttps(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on("error", reject);
    request.end();
  });
}

describe("TLS, with the ws client", () => {
  it("carries everything that plain TCP does", async (t) => {
    const server = await startServer(t, { handler: echo, tls: tlsIdentity });
    assert.match(server.url, /^wss:\/\/127\.0\.0\.1:\d+$/);
    const client = await WsClient.open(t, server.url, trusting);
    const messages = [0, 1, 126, 16_384, 65_536, 1_000_000].flatMap((size) => [
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
    const socket = await onlyConnection(server);
    assert.equal(socket.request.encrypted, true);
    client.socket.close(4000);
    assert.equal((await client.end()).code, 4000);
  });

  it("has the sender wait for a client that doesn't read", async (t) => {
    const server = await startServer(t, {
      handler: untilClosed,
      tls: tlsIdentity,
      sendBuffer: { highWaterBytes: 200_000, lowWaterBytes: 50_000, maxBufferedBytes: 100_000_000 },
    });
    const client = await WsClient.open(t, server.url, trusting);
    const socket = await onlyConnection(server);
    client.socket.pause();
    const chunk = "x".repeat(10_000);
    let sent = 0;
    do {
      sent++;
      assert.ok(sent < 100_000, "the kernel can't hold all that");
      if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    } while (socket.send(chunk));
    client.socket.resume();
    await socket.drained();
    socket.send("end");
    assert.equal((await client.take(sent + 1)).at(-1), "end");
  });

  it("sends to groups of clients on both sides of it", async (t) => {
    const server = await startServer(t, { handler: untilClosed, tls: tlsIdentity });
    const clients = [
      await WsClient.open(t, server.url, trusting),
      await WsClient.open(t, server.url, trusting),
    ];
    for (const socket of server.connections) server.group("all").add(socket);
    for (let count = 0; count < 500; count++) server.group("all").send(`${count}`);
    for (const client of clients) {
      assert.deepEqual(
        await client.take(500),
        Array.from({ length: 500 }, (_, count) => `${count}`),
      );
    }
  });

  it("lets in the pages of its own origin, which is an encrypted one", async (t) => {
    const server = await startServer(t, { handler: untilClosed, tls: tlsIdentity });
    const host = `127.0.0.1:${server.port}`;
    await WsClient.open(t, server.url, { ...trusting, origin: `https://${host}` });
    const refused = await WsClient.refused(server.url, { ...trusting, origin: `http://${host}` });
    assert.equal(refused.status, 403);
  });

  it("serves plain requests on the same port", async (t) => {
    const server = await startServer(t, {
      handler: echo,
      tls: tlsIdentity,
      http: (request, response) => response.end(`page ${request.url}`),
    });
    assert.deepEqual(await get(server, "/page"), { status: 200, body: "page /page" });
    const client = await WsClient.open(t, server.url, trusting);
    client.send("hello");
    assert.equal(await client.next(), "hello");
  });
});
