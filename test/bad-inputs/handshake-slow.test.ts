import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { parseRequestHead } from "../../src/websocket/request-head.ts";
import { countedBytes } from "../support/counted-work.ts";
import { handshakeBytes, RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { tlsIdentity } from "../support/tls-identity.ts";
import { waitFor } from "../support/wait-for.ts";

const limits = { handshakeTimeoutMs: 200 };

test("headers that never end are answered with 408, and dropped, while others come in (bad inputs 1.10)", async (t) => {
  const target = await Target.start(t, { limits });
  const bytes = handshakeBytes().toString("latin1");
  const slow = await Promise.all(Array.from({ length: 200 }, () => target.connect()));
  // One byte at a time, for as long as it takes: what has come doesn't extend the time.
  let at = 0;
  const drip = setInterval(() => {
    for (const peer of slow) if (!peer.isEnded) peer.write(bytes[at % 60] ?? "");
    at++;
  }, 10);
  t.after(() => clearInterval(drip));
  const healthy = await target.open({ path: "/canary" });
  healthy.destroy();
  for (const peer of slow) {
    assert.equal((await peer.response()).status, 408);
    await peer.ended();
  }
  clearInterval(drip);
  assert.equal(target.server.stats().refused.handshakeTimeout, 200);
  await target.isUnharmed();
});

test("a head that comes byte by byte costs as much as one that comes at once (bad inputs 1.10)", () => {
  const readsOf = (padding: number): number => {
    const head = handshakeBytes({ headers: { Padding: "x".repeat(padding) } });
    const { bytes, reads } = countedBytes(head);
    for (let end = 1; end <= head.length; end++) {
      const scanned = end - 1;
      const parse = parseRequestHead(bytes, 0, end, { maxHeaderBytes: 65_536, maxHeaderCount: 100 }, scanned);
      assert.equal(parse.kind, end === head.length ? "head" : "incomplete");
    }
    return reads();
  };
  const small = readsOf(1000);
  assert.ok(readsOf(4000) <= 5 * small, "four times as long, four times the work");
  assert.ok(readsOf(16_000) <= 20 * small);
});

test("a handshake in one-byte writes goes through (bad inputs 1.10)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.connect();
  for (const byte of handshakeBytes({ path: "/canary" })) peer.write(Buffer.of(byte));
  assert.equal((await peer.response()).status, 101);
  peer.destroy();
  await target.isUnharmed();
});

test("a plain HTTP request that never ends is dropped in time, kept alive or not (bad inputs 1.10)", async (t) => {
  const target = await Target.start(t, { limits, http: (_request, response) => void response.end("ok") });
  const kept = await target.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await kept.response()).status, 200);
  // The second request of a connection that is kept alive.
  kept.write("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  const unfinished = await target.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  assert.equal((await unfinished.response()).status, 200);
  const drip = setInterval(() => {
    if (!kept.isEnded) kept.write("x");
  }, 20);
  t.after(() => clearInterval(drip));
  assert.equal((await kept.response()).status, 408);
  await kept.ended();
  await unfinished.ended();
  for (const peer of [kept, unfinished]) peer.destroy();
  await target.isUnharmed();
});

test("a connection that says nothing is dropped (bad inputs 1.11)", async (t) => {
  const target = await Target.start(t, { limits });
  const silent = await target.connect();
  assert.equal((await silent.response()).status, 408);
  await silent.ended();
  // It doesn't have to close its side for the server to be rid of it.
  await target.isUnharmed();
  silent.destroy();
});

test("a TLS handshake that never ends is dropped (bad inputs 1.11)", async (t) => {
  const target = await Target.start(t, { limits, tls: tlsIdentity });
  // The first bytes of a ClientHello: a record of 512 bytes, of which ten come.
  const halfHello = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
  for (const first of [Buffer.alloc(0), halfHello]) {
    const peer = await RawPeer.connect(target.port);
    peer.write(first);
    await peer.ended();
    peer.destroy();
  }
  // Not TLS at all.
  const plain = await RawPeer.connect(target.port);
  plain.write(handshakeBytes());
  await plain.ended();
  plain.destroy();
  await target.isUnharmed();
});

test("TLS handshakes that are under way count against the room there is (bad inputs 1.11)", async (t) => {
  const target = await Target.start(t, {
    limits: { maxConnections: 3, handshakeTimeoutMs: 60_000 },
    tls: tlsIdentity,
  });
  const silent = await Promise.all(Array.from({ length: 100 }, () => connect(target.port, "127.0.0.1")));
  for (const socket of silent) socket.on("error", () => {});
  await waitFor("most of them to be dropped", () => silent.filter((socket) => socket.closed).length >= 20);
  for (const socket of silent) socket.destroy();
  await target.isUnharmed();
});

test("an authenticate that takes too long is answered with 408, and its result ignored (bad inputs 1.11)", async (t) => {
  let release: (() => void) | undefined;
  const target = await Target.start(t, {
    limits,
    routes: {
      "/slow": {
        handler: () => assert.fail("it came too late"),
        authenticate: () =>
          new Promise<undefined>((resolve) => {
            release = () => resolve(undefined);
          }),
      },
    },
  });
  const peer = await target.ask(handshakeBytes({ path: "/slow" }));
  assert.equal((await peer.response()).status, 408);
  release?.();
  await peer.ended();
  assert.equal(peer.rest.length, 0);
  peer.destroy();
  await target.isUnharmed();
});
