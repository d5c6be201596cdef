import assert from "node:assert/strict";
import { test } from "node:test";
import { binary, text } from "../support/decoder-harness.ts";
import { handshakeBytes, headerOnly } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { turns, waitFor } from "../support/wait-for.ts";

const BUDGET = 4 * 1024 * 1024;
const limits = { maxBufferedBytes: BUDGET };
const never = (): Promise<void> => new Promise(() => {});

test("peers that don't read, each below its own limit, can't exhaust the server together (bad inputs 2.14)", async (t) => {
  let most = 0;
  const target = await Target.start(t, {
    limits,
    routes: {
      "/flood": async (socket) => {
        while (socket.state === "open") {
          if (!socket.send(Buffer.alloc(50_000))) await socket.drained();
          most = Math.max(most, target.server.stats().bufferedBytes);
        }
      },
    },
  });
  const peers = await Promise.all(Array.from({ length: 12 }, () => target.open({ path: "/flood" })));
  for (const peer of peers) peer.pause();
  await waitFor("some to be cut", () => target.server.stats().shed > 2);
  await target.canary.sings();
  await waitFor("it to be enough", () => target.server.stats().bufferedBytes <= BUDGET);
  assert.ok(most <= BUDGET + 2 * 1024 * 1024, `${most} bytes at the most`);
  assert.ok(target.server.connections.size > 1, "not all are cut");
  assert.equal(target.server.stats().closed["1013"], target.server.stats().shed);
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
  assert.deepEqual(target.errors, []);
});

test("the largest holders are cut, not the small ones beside them (bad inputs 2.14)", async (t) => {
  const target = await Target.start(t, {
    limits,
    maxMessageBytes: 16 * 1024 * 1024,
    keepalive: { pingIntervalMs: 200 },
    routes: { "/stuck": { message: never } },
  });
  const small = await Promise.all(Array.from({ length: 20 }, () => target.open({ path: "/stuck" })));
  for (const peer of small) peer.write(Buffer.concat([text("a"), text("x".repeat(20_000))]));
  const large = await Promise.all([1, 2, 3].map(() => target.open()));
  // Unfinished messages of two megabytes each.
  for (const peer of large)
    peer.write(Buffer.concat([headerOnly(0x82, 10_000_000n), Buffer.alloc(2_000_000)]));
  await waitFor("some to be cut", () => target.server.stats().shed > 0);
  await target.canary.sings();
  assert.ok(target.server.stats().shed <= 3);
  assert.equal(small.filter(({ isEnded }) => isEnded).length, 0);
  assert.ok(target.server.stats().bufferedBytes <= BUDGET);
  for (const peer of [...small, ...large]) peer.destroy();
  await target.isUnharmed();
});

test("what a handler has taken is held for nobody any more (bad inputs 2.14)", async (t) => {
  let seen = 0;
  const target = await Target.start(t, {
    limits,
    routes: {
      "/later": {
        message: async () => {
          await turns(2);
          seen++;
        },
      },
    },
  });
  // Each brings 100 kB once, and is idle from then on: together ten times the budget.
  const peers = await Promise.all(Array.from({ length: 100 }, () => target.open({ path: "/later" })));
  let expected = 0;
  for (const peer of peers) {
    peer.write(Buffer.concat(Array.from({ length: 40 }, () => binary(Buffer.alloc(2500)))));
    expected += 40;
    await waitFor("its messages to be taken", () => seen === expected);
  }
  assert.equal(target.server.stats().bufferedBytes, 0);
  assert.equal(target.server.stats().shed, 0);
  assert.equal(target.server.connections.size, 101);
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
});

test("a flood into a handler that is slow stops at the marks, and TCP pushes back (bad inputs 2.14)", async (t) => {
  const target = await Target.start(t, {
    keepalive: { pingIntervalMs: 200 },
    routes: { "/stuck": { message: never } },
  });
  const peers = await Promise.all(Array.from({ length: 20 }, () => target.open({ path: "/stuck" })));
  const chunk = Buffer.concat(Array.from({ length: 1000 }, () => text("x".repeat(100))));
  for (const peer of peers) for (let count = 0; count < 100; count++) peer.write(chunk);
  await waitFor("all to be stopped", () => target.server.stats().bufferedBytes > 20 * 64 * 164);
  for (let round = 0; round < 20; round++) await target.canary.sings();
  // 64 messages, and what one read had brought beyond them.
  const each = 64 * 164 + 64 * 1024 + 1024;
  assert.ok(target.server.stats().bufferedBytes <= 20 * each, `${target.server.stats().bufferedBytes}`);
  assert.ok(
    peers.every(({ socket }) => socket.writableLength > 1024 * 1024),
    "the rest waits at the sender",
  );
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
});

test("what comes before a connection is open is within the budget too (bad inputs 1.10)", async (t) => {
  const target = await Target.start(t, {
    limits: { maxBufferedBytes: 1024 * 1024 },
    routes: { "/slow": { handler: () => {}, authenticate: never } },
  });
  const unfinished = Buffer.from(`GET / HTTP/1.1\r\nX: ${"x".repeat(15_000)}`);
  // Behind a request that is being decided on, as much as one read brings.
  const glued = Buffer.concat([handshakeBytes({ path: "/slow" }), Buffer.alloc(60_000)]);
  for (const bytes of [unfinished, glued]) {
    const { shed } = target.server.stats();
    const peers = await Promise.all(Array.from({ length: 100 }, () => target.ask(bytes)));
    await waitFor("some to be cut", () => target.server.stats().shed > shed);
    await target.canary.sings();
    assert.ok(target.server.stats().bufferedBytes <= 1024 * 1024);
    for (const peer of peers) peer.reset();
    await target.canary.sings();
    if (bytes === unfinished) await target.isUnharmed();
  }
});
