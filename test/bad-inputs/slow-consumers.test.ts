import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection, SendBufferOptions } from "../../src/index.ts";
import { Canary } from "../support/canary.ts";
import { ChildServer } from "../support/child-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { turns, waitFor } from "../support/wait-for.ts";

const MESSAGE_BYTES = 10_000;
const MARKS = { highWaterBytes: 256 * 1024, lowWaterBytes: 64 * 1024, maxBufferedBytes: 512 * 1024 };
// What the kernel takes on loopback for one that doesn't read is some megabytes.
const FLOOD_MESSAGES = 2000;

interface Flood {
  readonly target: Target;
  readonly peer: RawPeer;
  readonly socket: Connection<unknown>;
  /** The most bytes that were buffered at a time. */
  readonly most: number;
}

/** Sends 20 MB to a peer that doesn't read, from a sender that doesn't care. */
async function floodOne(
  t: Parameters<typeof Target.start>[0],
  slowConsumer: SendBufferOptions["slowConsumer"],
): Promise<Flood> {
  let socket: Connection<unknown> | undefined;
  const target = await Target.start(t, {
    sendBuffer: { ...MARKS, slowConsumer },
    closeTimeoutMs: 300,
    routes: {
      "/flood": {
        open: (opened) => {
          socket = opened;
        },
      },
    },
  });
  const peer = await target.open({ path: "/flood" });
  peer.pause();
  await waitFor("the connection", () => socket !== undefined);
  const held = socket as Connection<unknown>;
  let most = 0;
  for (let index = 0; index < FLOOD_MESSAGES && held.state === "open"; index++) {
    held.send(`${index} `.padEnd(MESSAGE_BYTES, "x"));
    most = Math.max(most, held.bufferedAmount);
    if (index % 20 === 0) await turns(1);
    if (index % 300 === 0) await target.canary.sings();
  }
  return { target, peer, socket: held, most };
}

async function indexesOf(peer: RawPeer, last: number): Promise<number[]> {
  const indexes: number[] = [];
  while (indexes.at(-1) !== last) indexes.push(Number.parseInt(await peer.text(), 10));
  return indexes;
}

test("a reader with a closed window is closed where its sender doesn't wait (bad inputs 2.14)", async (t) => {
  const { target, peer, socket, most } = await floodOne(t, "wait");
  assert.ok(most <= MARKS.maxBufferedBytes);
  assert.deepEqual([socket.closeCode, socket.closeReason], [1013, "slow consumer"]);
  assert.equal(target.server.stats().slowConsumersClosed, 1);
  // It doesn't read the close frame either, and is dropped in time.
  await target.isUnharmed();
  peer.destroy();
});

test("by the policy close, at its first mark (bad inputs 2.14)", async (t) => {
  const { target, peer, socket, most } = await floodOne(t, "close");
  assert.ok(most <= MARKS.highWaterBytes);
  assert.equal(socket.closeCode, 1013);
  await target.isUnharmed();
  peer.destroy();
});

test("by the policies that drop, it stays, with no more than its marks (bad inputs 2.14)", async (t) => {
  for (const policy of ["dropOldest", "dropNewest", "latest"] as const) {
    const { target, peer, socket, most } = await floodOne(t, policy);
    assert.equal(socket.state, "open");
    assert.ok(most <= MARKS.highWaterBytes + 2 * MESSAGE_BYTES, `${policy}: ${most}`);
    const { droppedMessages } = target.server.stats();
    assert.ok(droppedMessages > 0);
    peer.resume();
    await waitFor("it to catch up", () => socket.bufferedAmount === 0);
    socket.send(`${FLOOD_MESSAGES} the end`);
    const indexes = await indexesOf(peer, FLOOD_MESSAGES);
    assert.deepEqual(
      indexes,
      [...indexes].sort((a, b) => a - b),
      "in order",
    );
    assert.equal(new Set(indexes).size, indexes.length, "each once");
    assert.equal(indexes.length + droppedMessages, FLOOD_MESSAGES + 1, "all others are counted");
    if (policy !== "dropNewest") assert.equal(indexes.at(-2), FLOOD_MESSAGES - 1, "the newest is kept");
    peer.destroy();
    await target.isUnharmed();
  }
});

test("a sender that waits is held up, and nobody else (bad inputs 2.14)", async (t) => {
  let sent = 0;
  const target = await Target.start(t, {
    sendBuffer: MARKS,
    routes: {
      "/flood": async (socket) => {
        while (socket.state === "open") {
          sent++;
          if (!socket.send(Buffer.alloc(MESSAGE_BYTES))) await socket.drained();
        }
      },
    },
  });
  const peers = await Promise.all(Array.from({ length: 2 }, () => target.open({ path: "/flood" })));
  for (const peer of peers) peer.pause();
  await waitFor("all to be held up", () => target.server.stats().bufferedBytes >= 2 * MARKS.highWaterBytes);
  // The kernel takes more as it finds that its buffers are too small; then no more.
  let before = 0;
  await waitFor("all to stay held up", async () => {
    before = sent;
    for (let round = 0; round < 20; round++) await target.canary.sings();
    return sent === before;
  });
  assert.ok(target.server.stats().bufferedBytes <= 2 * (MARKS.highWaterBytes + 2 * MESSAGE_BYTES));
  peers[0]?.resume();
  await waitFor("one of them to go on", () => sent > before + 100);
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
  assert.deepEqual(target.errors, []);
});

test("a broadcast goes past those that don't read, in bounded memory (bad inputs 2.14)", async (t) => {
  const child = await ChildServer.start(t, new URL("./servers/broadcast.ts", import.meta.url));
  const canary = await Canary.start(child.port);
  const reader = await RawPeer.open(child.port, { path: "/reader" });
  const stuck = await Promise.all(
    Array.from({ length: 6 }, () => RawPeer.open(child.port, { path: "/flood" })),
  );
  for (const peer of stuck) peer.pause();
  await waitFor(
    "those that don't read to be closed",
    async () => {
      for (let count = 0; count < 10; count++) await reader.frame();
      await canary.sings();
      return ((await child.report()).closed["1013"] ?? 0) >= 6;
    },
    60_000,
  );
  const { peakBytes, connections, bufferedBytes } = await child.report();
  assert.equal(connections, 2);
  assert.ok(bufferedBytes < 1024 * 1024);
  assert.ok(peakBytes < 300 * 1024 * 1024, `${peakBytes >> 20} MiB at the most`);
  for (const peer of [...stuck, reader]) peer.destroy();
  await canary.sings();
});
