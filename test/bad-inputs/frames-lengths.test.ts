import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder } from "../../src/websocket/frame-decoder.ts";
import { DecoderHarness, text } from "../support/decoder-harness.ts";
import { headerOnly } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";

const MAX = 1024 * 1024;
const TEXT = 0x81;
const BINARY = 0x82;

const LENGTHS: [length: bigint, code: number][] = [
  [2n ** 64n - 1n, 1002],
  [2n ** 63n, 1002],
  [2n ** 63n - 1n, 1009],
  [2n ** 53n + 1n, 1009],
  [2n ** 53n, 1009],
  [2n ** 53n - 1n, 1009],
  [2n ** 32n, 1009],
  [2n ** 32n - 1n, 1009],
  [2n ** 31n, 1009],
  [2n ** 31n - 1n, 1009],
  [BigInt(MAX) + 1n, 1009],
];

test("lengths that are lies or too large are refused by the header alone (bad inputs 2.1)", async (t) => {
  const target = await Target.start(t, { maxMessageBytes: MAX });
  for (const [length, code] of LENGTHS) {
    for (const first of [TEXT, BINARY, 0x01]) {
      const peer = await target.open();
      peer.write(headerOnly(first, length));
      assert.equal(await peer.closeCode(), code, `a length of ${length}`);
      await peer.ended();
      peer.destroy();
    }
  }
  await target.isUnharmed();
});

test("the largest message that is allowed is taken, in one frame and in several (bad inputs 2.1)", async (t) => {
  const target = await Target.start(t, { maxMessageBytes: 1000 });
  const peer = await target.open();
  peer.write(text("x".repeat(1000)));
  assert.equal((await peer.text()).length, 1000);
  peer.write(Buffer.concat([text("x".repeat(600), { fin: false }), text("x".repeat(400), { opcode: 0 })]));
  assert.equal((await peer.text()).length, 1000);
  peer.write(Buffer.concat([text("x".repeat(600), { fin: false }), headerOnly(0x80, 401n)]));
  assert.equal(await peer.closeCode(), 1009);
  peer.destroy();
  await target.isUnharmed();
});

test("every length is judged as soon as its header is whole, wherever it is cut (bad inputs 2.1)", () => {
  for (const [length, code] of LENGTHS) {
    const header = headerOnly(BINARY, length);
    const harness = new DecoderHarness({ maxMessageBytes: MAX });
    harness.push(header.subarray(0, -1), 1);
    assert.deepEqual(harness.events, []);
    harness.push(header.subarray(-1));
    assert.deepEqual(harness.events, [["violation", code]]);
    assert.equal(harness.decoder.bufferedBytes, 0);
  }
});

test("nothing is allocated for what a header claims (bad inputs 2.2)", async (t) => {
  const target = await Target.start(t, { maxMessageBytes: 512 * 1024 * 1024 });
  const before = process.memoryUsage().arrayBuffers;
  const peers = await Promise.all(Array.from({ length: 50 }, () => target.open()));
  for (const peer of peers) peer.write(Buffer.concat([headerOnly(BINARY, 500_000_000n), Buffer.alloc(100)]));
  await waitFor("all to be read", () => target.server.stats().bytesIn > 50 * 100);
  assert.ok(target.server.stats().bufferedBytes <= 50 * 1024);
  assert.ok(process.memoryUsage().arrayBuffers - before < 100_000_000, "not the 25 GB that were announced");
  // A trickle: what is held is what has come, and room for as much again.
  for (let round = 0; round < 20; round++) {
    for (const peer of peers) peer.write(Buffer.alloc(1000));
    await target.canary.sings();
  }
  await waitFor("the trickle to be read", () => target.server.stats().bytesIn > 50 * 20_000);
  assert.ok(target.server.stats().bufferedBytes <= 50 * 2 * 20_200);
  for (const peer of peers) peer.destroy();
  await target.isUnharmed();
});

test("an unknown opcode with a huge length is refused for its opcode (bad inputs 2.2)", async (t) => {
  const target = await Target.start(t);
  for (const first of [0x83, 0x87, 0x8b, 0x8f, 0x03, 0xf1]) {
    const peer = await target.open();
    peer.write(headerOnly(first, 2n ** 62n));
    assert.equal(await peer.closeCode(), 1002);
    peer.destroy();
  }
  await target.isUnharmed();
});

test("after a refusal, what follows is neither kept nor looked at (bad inputs 2.2)", () => {
  let events = 0;
  const count = (): void => void events++;
  const sink = {
    onMessage: count,
    onCompressed: count,
    onPing: count,
    onPong: count,
    onClose: count,
    onViolation: count,
  };
  const decoder = new FrameDecoder(sink, {
    role: "server",
    maxMessageBytes: 100,
    maxFragments: 10,
    compression: false,
  });
  const header = headerOnly(BINARY, 101n);
  decoder.push(header, 0, header.length);
  const flood = Buffer.concat(Array.from({ length: 100 }, () => text("hello")));
  assert.equal(decoder.push(flood, 0, flood.length), flood.length);
  assert.equal(events, 1);
  assert.equal(decoder.bufferedBytes, 0);
});

test("a peer that goes on sending without end after a refusal is cut (bad inputs 2.2)", async (t) => {
  const target = await Target.start(t, { closeTimeoutMs: 60_000 });
  const peer = await target.open();
  peer.pause();
  peer.write(headerOnly(BINARY, 2n ** 40n));
  const chunk = Buffer.alloc(64 * 1024);
  let sent = 0;
  while (!peer.socket.destroyed && sent < 512 * 1024 * 1024) {
    await Promise.race([peer.written(chunk), peer.gone]);
    await target.canary.sings();
    sent += chunk.length;
  }
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
  await target.isUnharmed();
});
