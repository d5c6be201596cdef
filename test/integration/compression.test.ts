import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { PerMessageDeflateOptions } from "ws";
import { WebSocket } from "ws";
import type { CompressionOptions } from "../../src/index.ts";
import { echo } from "../support/handlers.ts";
import { startServer } from "../support/test-server.ts";
import { WsClient } from "../support/ws-client.ts";

/** What `ws` has negotiated, by the header. */
function extensions({ socket }: WsClient): string {
  return socket.extensions;
}

const messages: readonly (string | Buffer)[] = [
  "",
  "short",
  "repeated text ".repeat(200),
  "repeated text ".repeat(200),
  `another ${"repeated text ".repeat(2_000)}`,
  Buffer.alloc(50_000, "abcdefgh"),
  randomBytes(30_000),
  "ä語🌊".repeat(5_000),
  Buffer.alloc(900_000, 1),
];

async function assertEchoes(client: WsClient): Promise<void> {
  for (const message of messages) client.send(message);
  const received = await client.take(messages.length);
  for (const [at, message] of messages.entries()) {
    const same = Buffer.isBuffer(message) ? message.equals(received[at] as Buffer) : message === received[at];
    assert.ok(same, `message ${at}`);
  }
}

describe("compression, with the ws client", () => {
  const combinations: [string, Partial<CompressionOptions>, PerMessageDeflateOptions][] = [
    ["with the defaults", {}, { threshold: 0 }],
    [
      "with context takeover both ways",
      { serverNoContextTakeover: false, clientNoContextTakeover: false },
      { threshold: 0 },
    ],
    [
      "with context takeover from the server only",
      { serverNoContextTakeover: false, clientNoContextTakeover: true },
      { threshold: 0 },
    ],
    [
      "with context takeover from the client only",
      { serverNoContextTakeover: true, clientNoContextTakeover: false },
      { threshold: 0 },
    ],
    [
      "with small windows both ways",
      {
        serverNoContextTakeover: false,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 9,
        clientMaxWindowBits: 9,
      },
      { threshold: 0 },
    ],
    [
      "with what the client asks for",
      { serverNoContextTakeover: false, clientNoContextTakeover: false },
      { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 10 },
    ],
  ];

  for (const [name, options, perMessageDeflate] of combinations) {
    it(`echoes everything as it was, ${name}`, async (t) => {
      const server = await startServer(t, {
        handler: echo,
        // What is sent here is compressible beyond all limits that are meant for strangers.
        compression: { ...options, thresholdBytes: 0, maxRatio: 100_000 },
      });
      const client = await WsClient.open(t, server.url, { perMessageDeflate });
      assert.match(extensions(client), /permessage-deflate/);
      await assertEchoes(client);
      await assertEchoes(client);
    });
  }

  it("is off unless it is turned on, and where the client doesn't offer it", async (t) => {
    const plain = await startServer(t, { handler: echo });
    const offering = await WsClient.open(t, plain.url, { perMessageDeflate: true });
    assert.equal(extensions(offering), "");
    await assertEchoes(offering);
    const server = await startServer(t, { handler: echo, compression: true });
    const without = await WsClient.open(t, server.url);
    assert.equal(extensions(without), "");
    await assertEchoes(without);
  });

  it("saves bytes", async (t) => {
    const server = await startServer(t, {
      handler: (socket) => void socket.send("again and again ".repeat(10_000)),
      compression: true,
    });
    const client = await WsClient.open(t, server.url, { perMessageDeflate: true });
    assert.equal(String(await client.next()).length, 160_000);
    const { _socket } = client.socket as unknown as { _socket: { bytesRead: number } };
    assert.ok(_socket.bytesRead < 20_000, `${_socket.bytesRead} bytes were read`);
  });

  it("carries fragments, and what groups send beside it", async (t) => {
    const server = await startServer(t, {
      handler: async (socket) => {
        server.group("all").add(socket);
        for await (const message of socket) {
          socket.send(message);
          server.group("all").send("to all");
          socket.send(message);
        }
      },
      compression: { serverNoContextTakeover: false, clientNoContextTakeover: false, thresholdBytes: 0 },
    });
    const client = await WsClient.open(t, server.url, { perMessageDeflate: { threshold: 0 } });
    for (let count = 0; count < 10; count++) {
      client.socket.send("first half ", { fin: false });
      client.socket.send("second half", { fin: true });
    }
    const received = await client.take(30);
    for (let count = 0; count < 10; count++) {
      assert.deepEqual(received.slice(count * 3, count * 3 + 3), [
        "first half second half",
        "to all",
        "first half second half",
      ]);
    }
  });

  it("refuses a message that is larger than allowed once it is inflated", async (t) => {
    const server = await startServer(t, { handler: echo, compression: true, maxMessageBytes: 10_000 });
    const client = await WsClient.open(t, server.url, { perMessageDeflate: { threshold: 0 } });
    client.send("x".repeat(10_000));
    assert.equal(String(await client.next()).length, 10_000);
    client.send("x".repeat(10_001));
    assert.equal((await client.end()).code, 1009);
    assert.equal(WebSocket.CLOSED, client.socket.readyState);
  });
});
