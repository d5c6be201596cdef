import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { type ConnectionSetup, LoadConnection } from "../../../../src/cli/bench/connection.ts";
import { Handshake } from "../../../../src/cli/bench/handshake.ts";
import { maskedFrame } from "../../../../src/cli/bench/masked-frame.ts";
import { MessageCounter } from "../../../../src/cli/bench/message-counter.ts";
import { transportFromEnvironment } from "../../../../src/transport/index.ts";
import { acceptKey, Opcode } from "../../../../src/websocket/index.ts";
import { unmasked } from "../../../support/fake-load-connection.ts";
import { portOf } from "../../../support/port-of.ts";
import { serverFrame } from "../../../support/server-bytes.ts";
import { waitFor } from "../../../support/wait-for.ts";

const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

/** The server's side of one connection, and what happened to the client's. */
class Pair {
  readonly client: LoadConnection;
  readonly events: string[] = [];
  peer: Socket | undefined;
  request = "";
  received: Buffer = Buffer.alloc(0);

  constructor(t: TestContext, server: Server, port: number, isSlow = false) {
    server.once("connection", (socket) => {
      this.peer = socket;
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        if (this.request.endsWith("\r\n\r\n")) this.received = Buffer.concat([this.received, chunk]);
        else this.request += chunk.toString();
      });
    });
    const request = { host: "localhost", path: "/%r/%i", subprotocols: [], headers: {} };
    const setup: ConnectionSetup = {
      endpoint: {
        address: "127.0.0.1",
        port,
        tlsName: undefined,
        insecureTls: false,
        spreadsAddresses: true,
        transport: transportFromEnvironment() ?? "auto",
      },
      handshake: new Handshake(request),
      promptAnswer: maskedFrame(Opcode.text, Buffer.from("3")),
      createScanner: (events) => new MessageCounter(events, Buffer.from("2")),
    };
    this.client = new LoadConnection({ index: 5, group: 2, isSlow }, setup, {
      onOpen: () => this.events.push("open"),
      onReading: (bytes) => this.events.push(`reading ${bytes}`),
      onRead: ({ scanner }) => this.events.push(`read ${scanner.take()}`),
      onGone: (_, reason) => this.events.push(`gone: ${reason}`),
    });
    t.after(() => this.client.stream.destroy());
  }

  async answer(rest: string | Buffer = ""): Promise<void> {
    await waitFor("the request", () => this.request.endsWith("\r\n\r\n"));
    const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(this.request)?.[1] ?? "";
    const head = `${SWITCHING}Sec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`;
    this.peer?.write(Buffer.concat([Buffer.from(head), Buffer.from(rest as string)]));
  }

  async happened(event: string): Promise<void> {
    await waitFor(event, () => this.events.includes(event));
  }
}

async function connectPair(t: TestContext, isSlow = false): Promise<Pair> {
  const server = createServer();
  const port = await portOf(server);
  t.after(() => server.close());
  return new Pair(t, server, port, isSlow);
}

test("it asks for its path, and is open when the answer is there", async (t) => {
  const pair = await connectPair(t);
  assert.ok(!pair.client.isOpen);
  await pair.answer();
  await pair.happened("open");
  assert.match(pair.request, /^GET \/2\/5 HTTP/);
  assert.ok(pair.client.isOpen && pair.client.wasOpen);
});

test("the answer may come in pieces, and messages right behind it", async (t) => {
  const pair = await connectPair(t);
  await waitFor("the request", () => pair.request.endsWith("\r\n\r\n"));
  const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(pair.request)?.[1] ?? "";
  const bytes = Buffer.concat([
    Buffer.from(`${SWITCHING}Sec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`),
    serverFrame(0x81, "first"),
    serverFrame(0x81, "second"),
  ]);
  pair.peer?.setNoDelay(true);
  for (let at = 0; at < bytes.length; at += 50) {
    pair.peer?.write(bytes.subarray(at, at + 50));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const read = (): number =>
    pair.events.reduce((sum, event) => sum + Number(/^read (\d+)/.exec(event)?.[1] ?? 0), 0);
  await waitFor("both messages", () => read() === 2);
  assert.equal(pair.events[0], "open");
});

test("a refusal says why", async (t) => {
  const pair = await connectPair(t);
  await waitFor("the request", () => pair.request.endsWith("\r\n\r\n"));
  pair.peer?.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  await pair.happened("gone: HTTP 503 Service Unavailable");
  assert.ok(!pair.client.wasOpen);
});

test("where nobody listens, it says so", async (t) => {
  const server = createServer();
  const port = await portOf(server);
  server.close();
  await once(server, "close");
  await new Pair(t, server, port).happened("gone: ECONNREFUSED");
});

test("a ping is answered with its payload", async (t) => {
  const pair = await connectPair(t);
  await pair.answer(serverFrame(0x89, "still there?"));
  await waitFor("the pong", () => pair.received.length > 0);
  assert.equal(pair.received[0], 0x8a);
  assert.equal(unmasked(pair.received), "still there?");
});

test("a prompt is answered, and is no message", async (t) => {
  const pair = await connectPair(t);
  await pair.answer(serverFrame(0x81, "2"));
  await waitFor("the answer", () => pair.received.length > 0);
  assert.equal(unmasked(pair.received), "3");
  assert.ok(pair.events.includes("read 0"));
});

test("a close frame is echoed, and its code is the reason", async (t) => {
  const pair = await connectPair(t);
  await pair.answer(serverFrame(0x88, Buffer.from([0x03, 0xe9, 0x62, 0x79, 0x65])));
  await pair.happened("gone: closed with 1001");
  await waitFor("the echo", () => pair.received.length > 0);
  assert.equal(pair.received[0], 0x88);
  assert.deepEqual([...Buffer.from(unmasked(pair.received), "latin1")].length, pair.received.length - 6);
});

test("a close frame may be without a code", async (t) => {
  const pair = await connectPair(t);
  await pair.answer(serverFrame(0x88, ""));
  await pair.happened("gone: closed without a code");
});

test("the end without a close frame is a cut", async (t) => {
  const pair = await connectPair(t);
  await pair.answer();
  await pair.happened("open");
  pair.peer?.end();
  await pair.happened("gone: cut without a close frame");
});

test("a reset is a reason, too", async (t) => {
  const pair = await connectPair(t);
  await pair.answer();
  await pair.happened("open");
  pair.peer?.resetAndDestroy();
  await pair.happened("gone: ECONNRESET");
});

test("closing leaves the last word to the server", async (t) => {
  const pair = await connectPair(t);
  await pair.answer();
  await pair.happened("open");
  pair.client.close();
  await waitFor("the close frame", () => pair.received.length > 0);
  assert.deepEqual([...pair.received.subarray(0, 2)], [0x88, 0x82]);
  pair.peer?.end(serverFrame(0x88, Buffer.from([0x03, 0xe8])));
  await pair.happened("gone: closed with 1000");
  assert.equal(pair.received.length, 8);
});

test("dropping resets the connection", async (t) => {
  const pair = await connectPair(t);
  await pair.answer();
  await pair.happened("open");
  const reset = once(pair.peer as Socket, "error");
  pair.client.drop();
  assert.equal(((await reset)[0] as NodeJS.ErrnoException).code, "ECONNRESET");
  assert.equal(pair.received.length, 0);
});

test("a slow one doesn't read once it is open", async (t) => {
  const pair = await connectPair(t, true);
  await pair.answer();
  await pair.happened("open");
  pair.peer?.setNoDelay(true);
  const full = (): boolean => pair.peer?.write(Buffer.alloc(65_536)) === false;
  await waitFor("the server to be held up", () => full() && (pair.peer?.writableLength ?? 0) > 4_000_000);
  assert.deepEqual(pair.events, ["open"]);
});
