import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { Client, type ClientOptions } from "../../../src/cli/client.ts";
import { closePayload, encodeFrame, FrameDecoder, Opcode } from "../../../src/websocket/index.ts";
import { portOf } from "../../support/port-of.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

/** A client on a socket whose other end the test holds, with all that either was told. */
interface Pair {
  readonly client: Client;
  readonly server: Socket;
  /** What the client told of. */
  readonly told: string[];
  /** The frames that came to the server. */
  readonly frames: string[];
  readonly closed: Promise<void>;
}

async function pair(
  t: TestContext,
  options: ClientOptions = {},
  rest: Buffer = Buffer.alloc(0),
): Promise<Pair> {
  const listener = createServer();
  const port = await portOf(listener);
  const accepted = once(listener, "connection") as Promise<[Socket]>;
  const socket = connect(port, "127.0.0.1");
  const [server] = await accepted;
  server.on("error", () => {});
  const told: string[] = [];
  let isClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    isClosed = resolve;
  });
  const client = new Client(
    { socket, subprotocol: "chat", rest },
    {
      onMessage: (message) =>
        told.push(typeof message === "string" ? message : `binary ${message.toString("hex")}`),
      onDrained: () => told.push("drained"),
      onClosed: (code, reason) => {
        told.push(`closed ${code} ${reason}`);
        isClosed();
      },
    },
    options,
  );
  t.after(() => {
    socket.destroy();
    server.destroy();
    listener.close();
  });
  return { client, server, told, frames: framesOf(server), closed: inTime("the client to close", closed) };
}

function framesOf(server: Socket): string[] {
  const frames: string[] = [];
  const decoder = new FrameDecoder(
    {
      onMessage: (message) =>
        frames.push(typeof message === "string" ? `text ${message}` : `binary ${message.toString("hex")}`),
      onCompressed: () => frames.push("compressed"),
      onPing: (payload) => frames.push(`ping ${payload}`),
      onPong: (payload) => frames.push(`pong ${payload}`),
      onClose: (code, reason) => frames.push(`close ${code} ${reason}`),
      onViolation: (code, reason) => frames.push(`violation ${code} ${reason}`),
    },
    { role: "server", maxMessageBytes: 2 ** 26, maxFragments: 10, compression: false },
  );
  server.on("data", (chunk: Buffer) => decoder.push(chunk, 0, chunk.length));
  return frames;
}

describe("Client", () => {
  it("sends text and bytes in masked frames, and tells of what comes", async (t) => {
    const { client, server, told, frames } = await pair(t);
    client.resume();
    client.send("grüße");
    client.send(Buffer.from([1, 2]));
    server.write(encodeFrame(Opcode.text, "hello"));
    server.write(encodeFrame(Opcode.binary, Buffer.from([255])));
    await waitFor("all frames", () => frames.length === 2 && told.length === 2);
    assert.deepEqual(frames, ["text grüße", "binary 0102"]);
    assert.deepEqual(told, ["hello", "binary ff"]);
    assert.equal(client.subprotocol, "chat");
  });

  it("reads nothing before it is resumed, then what came with the handshake first", async (t) => {
    const { client, server, told } = await pair(t, {}, encodeFrame(Opcode.text, "first"));
    server.write(encodeFrame(Opcode.text, "second"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, []);
    client.resume();
    await waitFor("both messages", () => told.length === 2);
    assert.deepEqual(told, ["first", "second"]);
  });

  it("answers a ping, also between fragments", async (t) => {
    const { client, server, told, frames } = await pair(t);
    client.resume();
    server.write(Buffer.from([0x01, 0x02, 0x61, 0x62, 0x89, 0x01, 0x78, 0x80, 0x01, 0x63]));
    await waitFor("the message and the pong", () => told.length === 1 && frames.length === 1);
    assert.deepEqual([...told, ...frames], ["abc", "pong x"]);
  });

  it("closes in good order", async (t) => {
    const { client, server, told, frames, closed } = await pair(t);
    client.resume();
    client.close(1000, "done");
    assert.equal(client.send("too late"), false);
    await waitFor("the close frame", () => frames.length === 1);
    server.end(encodeFrame(Opcode.close, closePayload(1000, "done")));
    await closed;
    assert.deepEqual(frames, ["close 1000 done"]);
    assert.deepEqual(told, ["closed 1000 done"]);
  });

  it("answers the server's close, and says its code and reason", async (t) => {
    for (const [frame, answered, said] of [
      [encodeFrame(Opcode.close, closePayload(4001, "go")), "close 4001 ", "closed 4001 go"],
      [encodeFrame(Opcode.close, ""), "close 1005 ", "closed 1005 "],
    ] as const) {
      const { client, server, told, frames, closed } = await pair(t);
      client.resume();
      server.write(frame);
      await waitFor("the answer", () => frames.length === 1);
      assert.deepEqual(frames, [answered]);
      server.end();
      await closed;
      assert.deepEqual(told, [said]);
    }
  });

  it("says 1006 for a connection that is gone without a close frame", async (t) => {
    const { client, server, told, closed } = await pair(t);
    client.resume();
    server.resetAndDestroy();
    await closed;
    assert.deepEqual(told, ["closed 1006 "]);
  });

  it("leaves a server that doesn't answer its close", async (t) => {
    const { client, told, closed } = await pair(t, { closeTimeoutMs: 20 });
    client.resume();
    client.close();
    await closed;
    assert.deepEqual(told, ["closed 1006 "]);
  });

  it("fails the connection when the server breaks the protocol", async (t) => {
    const { client, server, told, frames, closed } = await pair(t, { maxMessageBytes: 100 });
    client.resume();
    server.write(encodeFrame(Opcode.text, "masked", Buffer.from([1, 2, 3, 4])));
    await closed;
    await waitFor("the close frame", () => frames.length === 1);
    assert.match(frames[0] ?? "", /^close 1002 /);
    assert.match(told[0] ?? "", /^closed 1002 the server broke the protocol: /);
  });

  it("takes no message over its limit", async (t) => {
    const { client, server, told, closed } = await pair(t, { maxMessageBytes: 100 });
    client.resume();
    server.write(encodeFrame(Opcode.text, "x".repeat(101)));
    await closed;
    assert.match(told[0] ?? "", /^closed 1009 /);
  });

  it("says when to hold back, and when to go on", async (t) => {
    const { client, server, told } = await pair(t);
    client.resume();
    server.pause();
    let sent = 0;
    while (client.send("x".repeat(100_000))) sent++;
    assert.ok(sent < 1000);
    server.resume();
    await waitFor("the rest to be taken", () => told.includes("drained"));
  });

  it("stops reading while it is paused, though not the server's close after its own", async (t) => {
    const { client, server, told, closed } = await pair(t);
    client.resume();
    client.pause();
    server.write(encodeFrame(Opcode.text, "waits"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, []);
    client.close();
    server.end(encodeFrame(Opcode.close, closePayload(1000, "")));
    await closed;
    assert.deepEqual(told, ["waits", "closed 1000 "]);
  });
});
