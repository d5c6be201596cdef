import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { FrameDecoder } from "../../src/websocket/frame-decoder.ts";
import { binary, continuation, fragments, ping, pong, text } from "../support/decoder-harness.ts";
import { headerOnly, type RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** Sends a piece again and again until the connection is closed, or far more was taken than there should be. */
async function flood(peer: RawPeer, piece: Buffer): Promise<void> {
  const many = Buffer.concat(Array.from({ length: 500 }, () => piece));
  for (let round = 0; round < 200 && !peer.isEnded; round++)
    await Promise.race([peer.written(many), peer.gone]);
}

const DEFLATE = { "Sec-WebSocket-Extensions": "permessage-deflate" };

test("fragments without end are refused, whatever is in them (bad inputs 2.3)", async (t) => {
  const target = await Target.start(t, { compression: true });
  const floods: [how: string, first: Buffer, next: Buffer, headers?: Record<string, string>][] = [
    ["of one byte", text("x", { fin: false }), continuation("x", { fin: false })],
    ["of nothing", text("", { fin: false }), continuation("", { fin: false })],
    ["binary", binary(Buffer.of(1), { fin: false }), continuation("x", { fin: false })],
    [
      "compressed",
      text(Buffer.of(0), { fin: false, rsv: 4 }),
      continuation(Buffer.of(0), { fin: false }),
      DEFLATE,
    ],
    ["compressed, of nothing", text("", { fin: false, rsv: 4 }), continuation("", { fin: false }), DEFLATE],
    [
      "with pings between",
      text("", { fin: false }),
      Buffer.concat([continuation("x", { fin: false }), ping("p"), pong("p")]),
    ],
  ];
  for (const [how, first, next, headers] of floods) {
    const peer = await target.open(headers === undefined ? {} : { headers });
    peer.write(first);
    await flood(peer, next);
    assert.equal(await peer.closeCode(), 1008, how);
    await peer.ended();
    peer.destroy();
  }
  assert.deepEqual(target.server.stats().violations, { 1008: floods.length });
  await target.isUnharmed();
});

test("as many fragments as are allowed are taken, and not one more (bad inputs 2.3)", async (t) => {
  const target = await Target.start(t, { maxFragments: 10 });
  const peer = await target.open();
  peer.write(Buffer.concat(fragments(1, "0123456789".split(""))));
  assert.equal(await peer.text(), "0123456789");
  peer.write(Buffer.concat(fragments(1, "0123456789a".split(""))));
  assert.equal(await peer.closeCode(), 1008);
  peer.destroy();
  await target.isUnharmed();
});

test("a thousand unfinished messages take no more than what has come of them (bad inputs 2.3)", async (t) => {
  const target = await Target.start(t);
  const peers = await Promise.all(Array.from({ length: 200 }, () => target.open()));
  for (const peer of peers) {
    peer.write(
      Buffer.concat([text("x", { fin: false }), ...Array(500).fill(continuation("x", { fin: false }))]),
    );
  }
  await waitFor("all to be read", () => target.server.stats().bytesIn >= 200 * 501 * 7);
  assert.ok(target.server.stats().bufferedBytes <= 200 * 2048);
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
});

test("a message cut into single bytes costs as much as one in a piece (bad inputs 2.4)", () => {
  const allocated = (payloadBytes: number): number => {
    let bytes = 0;
    const original = Buffer.allocUnsafeSlow;
    Buffer.allocUnsafeSlow = (size) => {
      bytes += size;
      return original.call(Buffer, size);
    };
    try {
      let messages = 0;
      const decoder = new FrameDecoder(
        {
          onMessage: () => void messages++,
          onCompressed: () => {},
          onPing: () => {},
          onPong: () => {},
          onClose: () => {},
          onViolation: () => {},
        },
        { role: "server", maxMessageBytes: 2 ** 24, maxFragments: 1000, compression: false },
      );
      const frame = binary(Buffer.alloc(payloadBytes, 7));
      for (let at = 0; at < frame.length; at++) decoder.push(frame, at, at + 1);
      assert.equal(messages, 1);
    } finally {
      Buffer.allocUnsafeSlow = original;
    }
    return bytes;
  };
  // What it has is doubled each time: all of it together is no more than four times the message.
  for (const size of [10_000, 100_000, 1_000_000]) assert.ok(allocated(size) <= 4 * size + 1024);
});

test("a frame in one-byte writes comes through (bad inputs 2.4)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.open();
  const frame = text("0123456789".repeat(1000));
  for (const byte of frame) peer.write(Buffer.of(byte));
  assert.equal((await peer.text()).length, 10_000);
  peer.destroy();
  await target.isUnharmed();
});

test("a message that is never finished has its time, which nothing extends (bad inputs 2.5)", async (t) => {
  const target = await Target.start(t, { messageTimeoutMs: 300 });
  const unfinished: [string, Buffer, Buffer][] = [
    ["a fragment, then pings", text("x", { fin: false }), ping("still here")],
    ["fragments one by one", text("x", { fin: false }), continuation("x", { fin: false })],
    ["a frame byte by byte", headerOnly(0x82, 1000n), Buffer.of(0)],
    ["an empty fragment, then pongs", text("", { fin: false }), pong("still here")],
    ["a header, then nothing", headerOnly(0x82, 1000n), Buffer.alloc(0)],
    ["half a header, then nothing", headerOnly(0x82, 1000n).subarray(0, 3), Buffer.alloc(0)],
    ["half a ping, then nothing", headerOnly(0x89, 100n), Buffer.alloc(0)],
  ];
  const attackers = await Promise.all(
    unfinished.map(async ([how, first, next]) => ({ how, next, first, peer: await target.open() })),
  );
  for (const { peer, first } of attackers) peer.write(first);
  const drip = setInterval(() => {
    for (const { peer, next } of attackers) if (!peer.isEnded) peer.write(next);
  }, 20);
  t.after(() => clearInterval(drip));
  for (const { how, peer } of attackers) {
    assert.equal(await peer.closeCode(), 1008, how);
    peer.destroy();
  }
  clearInterval(drip);
  await target.isUnharmed();
});

test("a client that is slow, but finishes its messages, is not cut (bad inputs 2.5)", async (t) => {
  const target = await Target.start(t, { messageTimeoutMs: 300 });
  const peer = await target.open();
  const until = performance.now() + 900;
  let sent = 0;
  while (performance.now() < until) {
    // The next message begins before the one before it has been answered.
    peer.write(Buffer.concat([continuationOf(sent), text(`${++sent}`, { fin: false })]));
    await target.canary.sings();
  }
  assert.ok(sent > 2);
  assert.equal(target.server.connections.size, 2);
  peer.destroy();
  await target.isUnharmed();
});

function continuationOf(sent: number): Buffer {
  return sent === 0 ? Buffer.alloc(0) : continuation("");
}

test("compressed fragments are one message, and its time is the same (bad inputs 2.5)", async (t) => {
  const target = await Target.start(t, { messageTimeoutMs: 300, compression: true });
  const peer = await target.open({ headers: DEFLATE });
  const deflated = deflateRawSync(Buffer.from("hello"), { finishFlush: 2 });
  peer.write(text(deflated.subarray(0, 2), { fin: false, rsv: 4 }));
  assert.equal(await peer.closeCode(), 1008);
  peer.destroy();
  await target.isUnharmed();
});
