import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { createServer as createTlsServer, Server as TlsServer } from "node:tls";
import { type HandshakeOptions, type OpenedSocket, openSocket } from "../../../src/cli/client-handshake.ts";
import { parseTarget } from "../../../src/cli/connect-target.ts";
import { acceptKey } from "../../../src/websocket/index.ts";
import { portOf } from "../../support/port-of.ts";
import { tlsIdentity } from "../../support/tls-identity.ts";

/** A server that answers each request's head as it is told to; undefined for not at all. */
async function answering(
  t: TestContext,
  answer: (head: string, socket: Socket) => string | undefined,
  server: Server = createServer(),
): Promise<number> {
  const event = server instanceof TlsServer ? "secureConnection" : "connection";
  server.on(event, (socket: Socket) => {
    let head = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (!head.endsWith("\r\n\r\n")) return;
      const said = answer(head, socket);
      if (said !== undefined) socket.write(said, "latin1");
    });
    t.after(() => socket.destroy());
  });
  t.after(() => server.close());
  return portOf(server);
}

function accept(head: string, more = ""): string {
  const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? "";
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n${more}`;
}

async function open(t: TestContext, url: string, options?: HandshakeOptions): Promise<OpenedSocket> {
  const opened = await openSocket(parseTarget(url), options);
  t.after(() => opened.socket.destroy());
  return opened;
}

describe("openSocket", () => {
  it("asks for what it was told to, and keeps what comes after the answer", async (t) => {
    let asked = "";
    const port = await answering(t, (head) => {
      asked = head;
      return accept(head, "Sec-WebSocket-Protocol: chat\r\n\r\n\x81\x02hi");
    });
    const options = { headers: { Origin: "http://a.test", "X-Y": "1, 2" }, subprotocols: ["chat", "mqtt"] };
    const opened = await open(t, `ws://ann:secret@127.0.0.1:${port}/a?b=c`, options);
    assert.equal(opened.subprotocol, "chat");
    assert.equal(opened.rest.toString("latin1"), "\x81\x02hi");
    assert.match(asked, /^GET \/a\?b=c HTTP\/1\.1\r\n/);
    assert.match(asked, new RegExp(`\r\nHost: 127\\.0\\.0\\.1:${port}\r\n`));
    assert.match(asked, /\r\nOrigin: http:\/\/a\.test\r\nX-Y: 1, 2\r\n/);
    assert.match(asked, /\r\nSec-WebSocket-Protocol: chat, mqtt\r\n/);
    assert.match(asked, /\r\nAuthorization: Basic YW5uOnNlY3JldA==\r\n/);
  });

  it("reads an answer that comes byte by byte", async (t) => {
    const port = await answering(t, (head, socket) => {
      const bytes = [...accept(head, "\r\n\x81\x00")];
      const next = (): void =>
        void socket.write(bytes.shift() ?? "", () => bytes.length > 0 && setImmediate(next));
      socket.setNoDelay(true);
      next();
      return undefined;
    });
    const opened = await open(t, `ws://127.0.0.1:${port}`);
    assert.equal(opened.subprotocol, "");
  });

  it("says how the server refused, in one printable line", async (t) => {
    const port = await answering(
      t,
      () => "HTTP/1.1 403 Forbidden\r\nContent-Length: 12\r\n\r\nnot\nhere\x1b[2J",
    );
    await assert.rejects(open(t, `ws://127.0.0.1:${port}/x`), {
      code: "SLUICE_HANDSHAKE_REFUSED",
      message: new RegExp(
        `ws://127\\.0\\.0\\.1:${port}/x answered the handshake with 403 \\(Forbidden: not\\\\nhere\\\\x1b\\[2J\\)`,
      ),
    });
  });

  it("refuses an answer that opens no connection", async (t) => {
    const answers = [
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
    ];
    for (const said of answers) {
      const port = await answering(t, () => said);
      await assert.rejects(open(t, `ws://127.0.0.1:${port}`), { code: "SLUICE_HANDSHAKE_REFUSED" }, said);
    }
  });

  it("says why it couldn't connect", async (t) => {
    const server = createServer();
    const port = await portOf(server);
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(open(t, `ws://127.0.0.1:${port}`), {
      code: "SLUICE_CONNECT_FAILED",
      message: /ECONNREFUSED/,
    });
    await assert.rejects(open(t, `ws://localhost:${port}`), {
      code: "SLUICE_CONNECT_FAILED",
      message: /ECONNREFUSED/,
    });
  });

  it("doesn't wait for ever, nor for a server that has gone", async (t) => {
    const silent = await answering(t, () => undefined);
    const slow = open(t, `ws://127.0.0.1:${silent}`, { timeoutMs: 50 });
    await assert.rejects(slow, { code: "SLUICE_CONNECT_FAILED", message: /took too long/ });
    const hanging = await answering(t, (_head, socket) => void socket.end());
    await assert.rejects(open(t, `ws://127.0.0.1:${hanging}`), {
      code: "SLUICE_CONNECT_FAILED",
      message: /without an answer/,
    });
    const resetting = await answering(t, (_head, socket) => void socket.resetAndDestroy());
    await assert.rejects(open(t, `ws://127.0.0.1:${resetting}`), { code: "SLUICE_CONNECT_FAILED" });
  });

  it("checks certificates, unless it is told that any will do", async (t) => {
    const port = await answering(t, (head) => accept(head, "\r\n"), createTlsServer(tlsIdentity));
    await assert.rejects(open(t, `wss://localhost:${port}`), {
      code: "SLUICE_CONNECT_FAILED",
      message: /self-signed/,
    });
    assert.equal((await open(t, `wss://localhost:${port}`, { insecure: true })).rest.length, 0);
    assert.equal((await open(t, `wss://127.0.0.1:${port}`, { insecure: true })).rest.length, 0);
  });

  it("refuses headers that would break out of their line", () => {
    const target = parseTarget("ws://127.0.0.1:1");
    for (const headers of [{ "X-Y": "a\r\nb" }, { "a b": "c" }, { Host: "other" }]) {
      assert.throws(() => openSocket(target, { headers: headers as Record<string, string> }), {
        code: "SLUICE_INVALID_OPTION",
      });
    }
    assert.throws(() => openSocket(target, { subprotocols: ["a b"] }), { code: "SLUICE_INVALID_OPTION" });
  });
});
