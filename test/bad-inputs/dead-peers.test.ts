import assert from "node:assert/strict";
import { test } from "node:test";
import { ping, pong, text } from "../support/decoder-harness.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { tlsIdentity } from "../support/tls-identity.ts";
import { waitFor } from "../support/wait-for.ts";

const keepalive = { pingIntervalMs: 200, pongTimeoutMs: 200 };

test("peers that are gone without a word are noticed by their silence (bad inputs 2.13)", async (t) => {
  const target = await Target.start(t, { keepalive });
  // They hold their connections, and do nothing, as if their cables had been pulled.
  const dead = await Promise.all(Array.from({ length: 20 }, () => target.open({ answersPings: false })));
  for (const peer of dead) peer.pause();
  await waitFor("all to be dropped", () => target.server.connections.size === 1);
  assert.equal(target.server.stats().pongTimeouts, 20);
  assert.equal(target.server.stats().closed["1006"], 20);
  for (const peer of dead) peer.destroy();
  await target.isUnharmed();
});

test("healthy peers stay, however long they are silent themselves (bad inputs 2.13)", async (t) => {
  const target = await Target.start(t, { keepalive });
  const peers = await Promise.all(Array.from({ length: 20 }, () => target.open()));
  const until = performance.now() + 1500;
  while (performance.now() < until) await target.canary.sings();
  assert.equal(target.server.connections.size, 21);
  assert.equal(target.server.stats().pongTimeouts, 0);
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
});

test("anything that comes is a sign of life (bad inputs 2.13)", async (t) => {
  const target = await Target.start(t, { keepalive });
  const signs = [text("a message"), ping("a ping"), pong("unasked")];
  const peers = await Promise.all(
    signs.map(async (sign) => ({ sign, peer: await target.open({ answersPings: false }) })),
  );
  // One byte of a frame at a time is a sign too.
  const slow = await target.open({ answersPings: false });
  const bytes = text("x".repeat(10_000));
  let at = 0;
  const until = performance.now() + 1200;
  while (performance.now() < until) {
    for (const { sign, peer } of peers) peer.write(sign);
    slow.write(bytes.subarray(at, ++at));
    await target.canary.sings();
  }
  assert.equal(target.server.connections.size, 5);
  for (const { peer } of [...peers, { peer: slow }]) peer.destroy();
  await target.isUnharmed();
});

test("a stall of our own loop, longer than the pong deadline, cuts nobody (bad inputs 2.13)", async (t) => {
  const target = await Target.start(t, { keepalive: { pingIntervalMs: 200, pongTimeoutMs: 300 } });
  const peers = await Promise.all(Array.from({ length: 20 }, () => target.open()));
  for (let stall = 0; stall < 3; stall++) {
    const until = performance.now() + 700;
    while (performance.now() < until);
    await target.canary.sings();
  }
  assert.equal(target.server.stats().pongTimeouts, 0);
  assert.equal(target.server.connections.size, 21);
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
});

test("a peer that closes its side without a close frame has gone (bad inputs 2.13)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.open();
  peer.end();
  await peer.ended();
  assert.equal(await peer.closeCode(), 1006);
  await target.isUnharmed();
  assert.equal(target.server.stats().closed["1006"], 1);
});

test("a handler that is behind doesn't make its peer look dead (bad inputs 2.13)", async (t) => {
  const waiting: (() => void)[] = [];
  let seen = 0;
  const target = await Target.start(t, {
    keepalive: { ...keepalive, idleTimeoutMs: 600 },
    routes: {
      "/slow": {
        message: () => {
          if (seen++ > 0) return undefined;
          return new Promise<void>((resolve) => void waiting.push(resolve));
        },
      },
    },
  });
  const peer = await target.open({ path: "/slow" });
  peer.write(Buffer.concat(Array.from({ length: 500 }, () => text("x".repeat(1000)))));
  await waitFor("reading to stop", () => target.server.stats().bufferedBytes > 50_000);
  // We don't read, so that its pongs are not seen for several times the deadline.
  const until = performance.now() + 1500;
  while (performance.now() < until) await target.canary.sings();
  assert.equal(target.server.connections.size, 2);
  for (const done of waiting) done();
  await waitFor("all of its messages", () => seen === 500);
  peer.destroy();
  await target.isUnharmed();
});

test("one from which nothing has come for the idle time is sent away (bad inputs 2.13)", async (t) => {
  const target = await Target.start(t, {
    routes: { "/idle": { handler: {}, keepalive: { pingIntervalMs: null, idleTimeoutMs: 300 } } },
  });
  const peer = await target.open({ path: "/idle" });
  const { code, reason } = await peer.closing();
  assert.deepEqual([code, reason], [1001, "idle"]);
  peer.destroy();
  await target.isUnharmed();
});

test("dead peers are noticed over TLS too (bad inputs 2.13)", async (t) => {
  const target = await Target.start(t, { keepalive, tls: tlsIdentity });
  const peer = await RawPeer.open(target.port, { tls: true, answersPings: false });
  peer.pause();
  await waitFor("it to be dropped", () => target.server.connections.size === 1);
  peer.destroy();
  await target.isUnharmed();
});
