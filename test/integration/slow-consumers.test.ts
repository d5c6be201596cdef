import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Connection, Drop, Server, SlowConsumerPolicy } from "../../src/index.ts";
import { startServer } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { WsClient } from "../support/ws-client.ts";

const PADDING = "x".repeat(10_000);

interface Scene {
  readonly server: Server;
  /** A client that doesn't read, and the server's end of its connection. */
  readonly slow: WsClient;
  readonly slowSocket: Connection;
  /** One that reads, in the same group. */
  readonly healthy: WsClient;
  /** What the slow one's callback was told of. */
  readonly drops: Drop[];
}

async function scene(t: TestContext, slowConsumer: SlowConsumerPolicy): Promise<Scene> {
  const drops: Drop[] = [];
  const sockets: Connection[] = [];
  const server = await startServer(t, {
    handler: {
      open: (socket) => void sockets.push(socket),
      drop: (socket, drop) => {
        assert.equal(socket, sockets[0], "nobody else loses anything");
        drops.push(drop);
      },
    },
    sendBuffer: { slowConsumer, highWaterBytes: 300_000, lowWaterBytes: 50_000, maxBufferedBytes: 600_000 },
  });
  const slow = await WsClient.open(t, server.url);
  const healthy = await WsClient.open(t, server.url);
  await waitFor("both", () => sockets.length === 2);
  for (const socket of sockets) server.group("all").add(socket);
  slow.socket.pause();
  return { server, slow, slowSocket: sockets[0] as Connection, healthy, drops };
}

/** Sends numbered messages to the group until something has become of the slow one. @returns how many */
async function flood(
  { server, healthy }: Scene,
  isEnough: () => boolean,
  options?: { key: (count: number) => string },
): Promise<number> {
  for (let count = 0; count < 100_000; count++) {
    if (isEnough()) return count;
    server.group("all").send(`${count} ${PADDING}`, options && { key: options.key(count) });
    // The healthy one keeps up.
    if (count % 10 === 9) await waitFor("the healthy one", () => healthy.received.length > count - 5);
  }
  return assert.fail("the kernel can't hold all that");
}

function numbers({ received }: WsClient): number[] {
  return received.map((message) => Number.parseInt(String(message), 10));
}

function isRising(list: readonly number[]): boolean {
  return list.every((number, at) => at === 0 || number > (list[at - 1] as number));
}

function droppedMessages(drops: readonly Drop[]): number {
  return drops.reduce((sum, { messages }) => sum + messages, 0);
}

async function assertHealthyGotAll({ healthy }: Scene, sent: number): Promise<void> {
  await healthy.take(sent);
  assert.deepEqual(
    numbers(healthy),
    Array.from({ length: sent }, (_, at) => at),
  );
}

describe("a client that doesn't read", () => {
  for (const policy of ["dropOldest", "dropNewest"] as const) {
    it(`misses messages under ${policy}, each counted and told of, and nobody else does`, async (t) => {
      const made = await scene(t, policy);
      const { server, slow, drops } = made;
      const sent = await flood(made, () => server.stats().droppedMessages >= 50);
      const { droppedMessages: dropped, droppedBytes } = server.stats();
      assert.ok(server.stats().bufferedBytes < 700_000, "little is held for it");
      assert.equal(slow.received.length, 0);
      slow.socket.resume();
      await slow.take(sent - dropped);
      const arrived = numbers(slow);
      assert.ok(isRising(arrived));
      const missing = Array.from({ length: sent }, (_, at) => at).filter(
        (number) => !arrived.includes(number),
      );
      assert.equal(missing.length, dropped);
      assert.equal(
        missing.reduce((sum, number) => sum + `${number} ${PADDING}`.length + 4, 0),
        droppedBytes,
      );
      assert.equal(droppedMessages(drops), dropped);
      if (policy === "dropOldest") assert.equal(arrived.at(-1), sent - 1, "the newest is there");
      else assert.equal(missing.at(-1), sent - 1, "the newest is not");
      await assertHealthyGotAll(made, sent);
      server.group("all").send("end");
      assert.equal(await slow.next(), "end");
    });
  }

  it("gets the latest of each key under latest, and never an older one after it", async (t) => {
    const made = await scene(t, "latest");
    const { server, slow, drops } = made;
    const key = (count: number): string => `key ${count % 3}`;
    const sent = await flood(made, () => server.stats().droppedMessages >= 50, { key });
    const { droppedMessages: dropped } = server.stats();
    slow.socket.resume();
    await slow.take(sent - dropped);
    const arrived = numbers(slow);
    assert.ok(isRising(arrived));
    assert.deepEqual(arrived.slice(-3), [sent - 3, sent - 2, sent - 1]);
    assert.equal(droppedMessages(drops), dropped);
    await assertHealthyGotAll(made, sent);
  });

  for (const policy of ["close", "wait"] as const) {
    it(`is closed with 1013 under ${policy}, after what it was sent before that`, async (t) => {
      const made = await scene(t, policy);
      const { server, slow, slowSocket } = made;
      const sent = await flood(made, () => slowSocket.state !== "open");
      assert.equal(server.stats().slowConsumersClosed, 1);
      assert.deepEqual([slowSocket.closeCode, slowSocket.closeReason], [1013, "slow consumer"]);
      slow.socket.resume();
      assert.deepEqual(await slow.end(), { code: 1013, reason: "slow consumer" });
      const arrived = numbers(slow);
      assert.deepEqual(arrived, [...arrived.keys()], "without a gap");
      assert.ok(arrived.length < sent);
      await assertHealthyGotAll(made, sent);
    });
  }

  it("is dropped under close if it doesn't even read that", async (t) => {
    const drops: number[] = [];
    const server = await startServer(t, {
      handler: { drop: (_, { messages }) => void drops.push(messages) },
      closeTimeoutMs: 100,
      sendBuffer: { slowConsumer: "close", highWaterBytes: 100_000, lowWaterBytes: 1_000 },
    });
    const slow = await WsClient.open(t, server.url);
    await waitFor("a connection", () => server.connections.size === 1);
    const [socket] = server.connections;
    slow.socket.pause();
    while (socket?.state === "open") {
      socket.send(PADDING);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await socket?.closed;
    assert.equal(socket?.closeCode, 1013);
    assert.equal(server.stats().bufferedBytes, 0);
  });
});

describe("the budget for all that is buffered", () => {
  it("is kept by cutting those that hold the most, though each stays below its own limit", async (t) => {
    const codes: (readonly [id: number, code: number])[] = [];
    const server = await startServer(t, {
      handler: { close: ({ id }, code) => void codes.push([id, code]) },
      limits: { maxBufferedBytes: 3_000_000 },
      sendBuffer: {
        highWaterBytes: 1_000_000,
        lowWaterBytes: 1_000,
        maxBufferedBytes: 50_000_000,
        slowConsumer: "dropNewest",
      },
    });
    const slow: WsClient[] = [];
    for (let count = 0; count < 8; count++) slow.push(await WsClient.open(t, server.url));
    const healthy = await WsClient.open(t, server.url);
    await waitFor("all", () => server.connections.size === 9);
    for (const { socket } of slow) socket.pause();
    let most = 0;
    let sent = 0;
    while (server.stats().shed < 5) {
      assert.ok(sent < 20_000, "the kernel can't hold all that");
      server.broadcast(`${sent++} ${PADDING}`);
      if (sent % 10 === 0) await waitFor("the healthy one", () => healthy.received.length === sent);
      most = Math.max(most, server.stats().bufferedBytes);
    }
    assert.ok(most <= 3_000_000, `${most} bytes were held`);
    await waitFor("the ends", () => codes.length === server.stats().shed);
    assert.ok(codes.every(([, code]) => code === 1013));
    await healthy.take(sent);
    assert.equal(healthy.socket.readyState, healthy.socket.OPEN);
  });

  it("counts what is received and not yet taken too", async (t) => {
    const server = await startServer(t, {
      handler: () => new Promise(() => {}),
      limits: { maxBufferedBytes: 300_000 },
    });
    const clients: WsClient[] = [];
    for (let count = 0; count < 6; count++) clients.push(await WsClient.open(t, server.url));
    for (const client of clients) client.send(PADDING.repeat(10));
    await waitFor("some to be cut", () => server.stats().shed > 0);
    assert.ok(server.stats().bufferedBytes <= 300_000);
    await waitFor("the ends", () => server.connections.size === 6 - server.stats().shed);
    assert.equal(server.stats().closed["1013"], server.stats().shed);
  });
});
