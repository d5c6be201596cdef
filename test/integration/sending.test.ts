import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { onlyConnection, untilClosed } from "../support/handlers.ts";
import { startServer } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { WsClient } from "../support/ws-client.ts";

const CHUNK = "x".repeat(10_000);

describe("a sender", () => {
  it("is told to wait while its client doesn't read, and when it may go on", async (t) => {
    let drains = 0;
    const server = await startServer(t, {
      handler: { drain: () => void drains++ },
      sendBuffer: { highWaterBytes: 200_000, lowWaterBytes: 50_000, maxBufferedBytes: 100_000_000 },
    });
    const client = await WsClient.open(t, server.url);
    const socket = await onlyConnection(server);
    client.socket.pause();
    let sent = 0;
    do {
      sent++;
      assert.ok(sent < 100_000, "the kernel can't hold all that");
      if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    } while (socket.send(CHUNK));
    assert.ok(socket.bufferedAmount >= 200_000);
    let isDrained = false;
    const drained = socket.drained().then(() => {
      isDrained = true;
    });
    for (let look = 0; look < 10; look++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isDrained, false);
    assert.equal(drains, 0);
    client.socket.resume();
    await drained;
    assert.ok(socket.bufferedAmount <= 50_000);
    assert.equal(drains, 1);
    assert.equal(socket.send("after"), true);
    const received = await client.take(sent + 1);
    assert.ok(received.slice(0, -1).every((message) => message === CHUNK));
    assert.equal(received.at(-1), "after");
    await waitFor("the end of it", () => socket.bufferedAmount === 0);
  });

  it("that waits sends any amount through a slow client, with little in memory", async (t) => {
    const server = await startServer(t, {
      handler: async (socket) => {
        for (let count = 0; count < 1_000; count++) {
          if (!socket.send(`${count} ${CHUNK}`)) await socket.drained();
        }
      },
      sendBuffer: { highWaterBytes: 100_000, lowWaterBytes: 20_000, maxBufferedBytes: 10_000_000 },
    });
    let most = 0;
    const client = await WsClient.open(t, server.url);
    for (let count = 0; count < 1_000; count++) {
      if (count % 100 === 0) {
        client.socket.pause();
        await new Promise((resolve) => setImmediate(resolve));
        client.socket.resume();
      }
      most = Math.max(most, server.stats().bufferedBytes);
      assert.equal(await client.next(), `${count} ${CHUNK}`);
    }
    assert.ok(most < 1_000_000, `${most} bytes were buffered`);
    assert.equal((await client.end()).code, 1000);
  });

  it("isn't left waiting when the client goes", async (t) => {
    const server = await startServer(t, {
      handler: untilClosed,
      sendBuffer: { highWaterBytes: 100_000, lowWaterBytes: 20_000, maxBufferedBytes: 100_000_000 },
    });
    const client = await WsClient.open(t, server.url);
    const socket = await onlyConnection(server);
    client.socket.pause();
    while (socket.send(CHUNK)) await new Promise((resolve) => setImmediate(resolve));
    const drained = socket.drained();
    client.socket.terminate();
    await drained;
    assert.equal(socket.send("x"), false);
  });

  it("keeps the order of direct messages and those of groups, through pauses", async (t) => {
    const server = await startServer(t, {
      handler: untilClosed,
      sendBuffer: { highWaterBytes: 1_000_000, lowWaterBytes: 1_000, maxBufferedBytes: 1_000_000_000 },
    });
    const client = await WsClient.open(t, server.url);
    const socket = await onlyConnection(server);
    const [one, two] = [server.group("one"), server.group("two")];
    one.add(socket);
    two.add(socket);
    const sent: string[] = [];
    for (let count = 0; count < 5_000; count++) {
      const message = `${count} ${"y".repeat((count * 37) % 3_000)}`;
      sent.push(message);
      if (count % 4 === 0) one.send(message);
      else if (count % 4 === 1) socket.send(message);
      else if (count % 4 === 2) two.send(message);
      else server.broadcast(message);
      if (count % 700 === 0) client.socket.pause();
      if (count % 700 === 350) client.socket.resume();
      if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    client.socket.resume();
    const received = await client.take(sent.length);
    const wrong = received.findIndex((message, at) => message !== sent[at]);
    assert.equal(wrong, -1);
  });

  it("that flushes has it written at once", async (t) => {
    const server = await startServer(t, { handler: untilClosed });
    const client = await WsClient.open(t, server.url);
    const socket = await onlyConnection(server);
    socket.send("now");
    assert.ok(socket.bufferedAmount > 0);
    socket.flush();
    assert.equal(socket.bufferedAmount, 0);
    assert.equal(await client.next(), "now");
  });

  it("may not send anything but strings and bytes", async (t) => {
    const server = await startServer(t, { handler: untilClosed });
    const client = await WsClient.open(t, server.url);
    const socket = await onlyConnection(server);
    assert.throws(() => socket.send(16 as unknown as string), { code: "SLUICE_INVALID_MESSAGE" });
    socket.send(new Uint8Array(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2));
    assert.deepEqual(await client.next(), Buffer.from([1, 2]));
  });
});
