import assert from "node:assert/strict";
import { Agent, createServer as createHttpServer, request as requestHttp } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { WebSocketServer as WsServer } from "ws";
import { createServer } from "../../src/index.ts";
import { echo } from "../support/handlers.ts";
import { portOf } from "../support/port-of.ts";
import { handshakeBytes, RawPeer, textFrame } from "../support/raw-peer.ts";
import { startSharedServers } from "../support/shared-http-server.ts";
import { startServer } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { WsClient } from "../support/ws-client.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(
  port: number,
  path: string,
  options: { readonly agent?: Agent; readonly method?: string; readonly body?: string } = {},
): Promise<Answer> {
  const { agent = new Agent(), method = "GET", body = "" } = options;
  return new Promise((resolve, reject) => {
    const request = requestHttp({ host: "127.0.0.1", port, path, agent, method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

describe("plain HTTP on the port of the WebSockets", () => {
  it("is answered by the option http, which may be async", async (t) => {
    const server = await startServer(t, {
      handler: echo,
      http: async (request, response) => {
        let body = "";
        for await (const chunk of request) body += chunk;
        response.end(`${request.method} ${request.url} ${body.length}`);
      },
    });
    assert.deepEqual(await ask(server.port, "/a?b"), { status: 200, body: "GET /a?b 0" });
    const body = "x".repeat(500_000);
    assert.deepEqual(await ask(server.port, "/", { method: "POST", body }), {
      status: 200,
      body: "POST / 500000",
    });
    const client = await WsClient.open(t, server.url);
    client.send("hello");
    assert.equal(await client.next(), "hello");
  });

  it("is answered many times on one connection", async (t) => {
    const server = await startServer(t, { http: (request, response) => response.end(request.url) });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    for (let count = 0; count < 20; count++) {
      assert.equal((await ask(server.port, `/${count}`, { agent })).body, `/${count}`);
    }
  });

  it("ends in 500 where the answer fails, and the server goes on", async (t) => {
    const errors: unknown[] = [];
    const server = await startServer(t, {
      http: (request) => {
        if (request.url === "/throws") throw new Error("throws");
        return Promise.reject(new Error("rejects"));
      },
      onError: (error) => void errors.push((error as Error).message),
    });
    for (const path of ["/throws", "/rejects"]) assert.equal((await ask(server.port, path)).status, 500);
    assert.deepEqual(errors, ["throws", "rejects"]);
  });

  it("may become a WebSocket later on", async (t) => {
    const server = await startServer(t, { handler: echo, http: (_, response) => response.end("page") });
    const peer = await RawPeer.connect(server.port);
    peer.write("GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.equal((await peer.response()).body, "page");
    peer.write(handshakeBytes());
    assert.equal((await peer.response()).status, 101);
    peer.write(textFrame("hello"));
    assert.equal(await peer.text(), "hello");
    assert.equal(server.connections.size, 1);
    peer.destroy();
    await waitFor("the end", () => server.connections.size === 0);
  });

  it("counts as a connection as long as it is one", async (t) => {
    const server = await startServer(t, {
      handler: echo,
      http: (_, response) => response.end("page"),
      limits: { maxConnections: 2 },
    });
    const agent = new Agent({ keepAlive: true });
    await ask(server.port, "/", { agent });
    const client = await WsClient.open(t, server.url);
    assert.equal((await WsClient.refused(server.url)).status, 503);
    agent.destroy();
    await waitFor("room", async () => {
      const peer = await RawPeer.connect(server.port);
      peer.write(handshakeBytes());
      const { status } = await peer.response();
      peer.destroy();
      return status === 101;
    });
    client.socket.close();
  });
});

describe("an HTTP server of one's own, with Sluice attached", () => {
  it("serves both on its port", async (t) => {
    const { port, server } = await startSharedServers(t, { handler: echo });
    assert.equal(server.port, port);
    assert.deepEqual(await ask(port, "/"), { status: 200, body: "plain" });
    const client = await WsClient.open(t, `ws://127.0.0.1:${port}`);
    const messages = ["a", "b".repeat(100_000), "c"];
    for (const message of messages) client.send(message);
    assert.deepEqual(await client.take(3), messages);
    assert.equal(server.connections.size, 1);
    client.socket.close(4000, "bye");
    assert.equal((await client.end()).code, 4000);
  });

  it("refuses as it does on its own port", async (t) => {
    const { port } = await startSharedServers(t, { routes: { "/echo": echo } });
    const url = `ws://127.0.0.1:${port}`;
    assert.equal((await WsClient.refused(`${url}/else`)).status, 404);
    assert.equal((await WsClient.refused(`${url}/echo`, { origin: "http://evil.example" })).status, 403);
    await WsClient.open(t, `${url}/echo`);
  });

  it("shares it with another WebSocket server, by path", async (t) => {
    const http = createHttpServer();
    const server = createServer({ server: http, routes: { "/sluice": echo } });
    const other = new WsServer({ noServer: true });
    http.on("upgrade", (request, socket, head) => {
      if (request.url !== "/other") return;
      other.handleUpgrade(request, socket, head, (client) => client.send("from the other one"));
    });
    const port = await portOf(http);
    t.after(async () => {
      await server.close({ drainMs: 0 });
      for (const client of other.clients) client.terminate();
      http.close();
    });
    const url = `ws://127.0.0.1:${port}`;
    assert.equal(await (await WsClient.open(t, `${url}/other`)).next(), "from the other one");
    const client = await WsClient.open(t, `${url}/sluice`);
    client.send("hello");
    assert.equal(await client.next(), "hello");
  });

  it("leaves it open when Sluice closes", async (t: TestContext) => {
    const { port, server } = await startSharedServers(t, { handler: echo });
    const client = await WsClient.open(t, `ws://127.0.0.1:${port}`);
    assert.deepEqual(await server.close({ drainMs: 60_000, spreadMs: 0 }), { closed: 1, cut: 0 });
    assert.equal((await client.end()).code, 1001);
    assert.equal((await ask(port, "/")).body, "plain");
    const { status, body } = await WsClient.refused(`ws://127.0.0.1:${port}`);
    assert.deepEqual([status, body], [200, "plain"], "Sluice has nothing to do with it any more");
  });
});
