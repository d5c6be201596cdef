import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { Canary } from "../support/canary.ts";
import { ChildServer } from "../support/child-server.ts";
import { fragments, frame, text } from "../support/decoder-harness.ts";
import { bomb, deflated, deflatedFrame, deflateOffer } from "../support/deflated.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";

const headers = deflateOffer;
const MB = 1024 * 1024;

test("a megabyte that inflates to nearly one gigabyte is refused, in bounded memory (bad inputs 3.1)", async (t) => {
  const payload = bomb(992);
  assert.ok(payload.length < MB, `${payload.length} bytes`);
  for (const maxMessageBytes of [MB, 16 * MB]) {
    // The larger limit has it inflated in zlib's threads.
    const options = JSON.stringify({ compression: { maxRatio: 100_000 }, maxMessageBytes });
    const child = await ChildServer.start(t, new URL("./servers/echo.ts", import.meta.url), {
      args: [options],
    });
    const canary = await Canary.start(child.port);
    const before = (await child.report()).peakBytes;
    for (let round = 0; round < 5; round++) {
      const peer = await RawPeer.open(child.port, { headers });
      peer.write(frame({ opcode: 2, rsv: 4, payload }));
      assert.equal(await peer.closeCode(), 1009);
      await peer.ended();
      peer.destroy();
      await canary.sings();
    }
    const { peakBytes } = await child.report();
    assert.ok(peakBytes - before < 128 * MB, `${(peakBytes - before) / MB} MB more`);
    await waitFor("all to be gone", async () => (await child.report()).connections === 1);
  }
});

test("a bomb in fragments is one message (bad inputs 3.1)", async (t) => {
  const target = await Target.start(t, { compression: { maxRatio: 100_000 } });
  const payload = bomb(16);
  const parts = [0, 1, 2, 3].map((part) =>
    payload.subarray((part * payload.length) >> 2, ((part + 1) * payload.length) >> 2),
  );
  const peer = await target.open({ headers });
  peer.write(Buffer.concat(fragments(2, parts, 4)));
  assert.equal(await peer.closeCode(), 1009);
  peer.destroy();
  await target.isUnharmed();
});

test("a message is refused for its ratio, long before its size (bad inputs 3.1)", async (t) => {
  const target = await Target.start(t, { compression: true, maxMessageBytes: 16 * MB });
  const refused = await target.open({ headers });
  // A thousand to one.
  refused.write(frame({ opcode: 2, rsv: 4, payload: bomb(2) }));
  assert.equal(await refused.closeCode(), 1009);
  refused.destroy();
  const small = await target.open({ headers });
  // So is this, but it is small; and this is large, but no denser than text is.
  small.write(deflatedFrame("x".repeat(60_000)));
  assert.equal(inflate(await small.frame()).length, 60_000);
  const prose = Array.from(
    { length: 30_000 },
    (_, index) => `the ${index}th fox jumps over the lazy dog`,
  ).join();
  small.write(deflatedFrame(prose));
  assert.equal(inflate(await small.frame()).length, prose.length);
  small.destroy();
  await target.isUnharmed();
});

test("a bomb that is corrupt behind its limit is one close, and one more message nothing (bad inputs 3.2)", async (t) => {
  for (const maxMessageBytes of [MB, 8 * MB]) {
    const target = await Target.start(t, { compression: { maxRatio: 100_000 }, maxMessageBytes });
    const whole = bomb(32);
    const garbage = Buffer.concat([whole.subarray(0, whole.length >> 1), randomBytes(500)]);
    const behind: Buffer[] = [
      frame({ opcode: 2, rsv: 4, payload: garbage }),
      Buffer.concat([frame({ opcode: 2, rsv: 4, payload: whole }), deflatedFrame("a second message")]),
      Buffer.concat(Array.from({ length: 5 }, () => frame({ opcode: 2, rsv: 4, payload: whole }))),
      Buffer.concat([frame({ opcode: 2, rsv: 4, payload: whole }), frame({ opcode: 5 })]),
    ];
    for (const bytes of behind) {
      const peer = await target.open({ headers });
      peer.write(bytes);
      const { code, before } = await peer.closing();
      assert.deepEqual([code, before], [1009, []]);
      assert.equal(await peer.frame(), undefined, "one close frame");
      peer.destroy();
    }
    assert.deepEqual(target.server.stats().violations, { 1009: behind.length });
    await target.isUnharmed();
  }
});

test("the limit is that of the message, compressed or not (bad inputs 3.4)", async (t) => {
  const LIMIT = 50_000;
  const target = await Target.start(t, { compression: { maxRatio: 100_000 }, maxMessageBytes: LIMIT });
  const contents: [string, (bytes: number) => Buffer][] = [
    ["of zeros", (bytes) => Buffer.alloc(bytes)],
    ["of random letters", (bytes) => Buffer.from(randomBytes(bytes).toString("hex").slice(0, bytes))],
  ];
  for (const [how, make] of contents) {
    for (const [bytes, isTaken] of [
      [LIMIT - 1, true],
      [LIMIT, true],
      [LIMIT + 1, false],
    ] as const) {
      for (const isCompressed of [true, false]) {
        const peer = await target.open({ headers });
        const message = make(bytes);
        peer.write(isCompressed ? deflatedFrame(message) : text(message));
        const answer = await peer.frame();
        const what = `${bytes} bytes ${how}, ${isCompressed ? "compressed" : "plain"}`;
        if (isTaken) {
          assert.equal(answer?.opcode, 1, what);
          assert.deepEqual(inflate(answer), message, what);
        } else assert.deepEqual([answer?.opcode, answer?.payload.readUInt16BE(0)], [8, 1009], what);
        peer.destroy();
      }
    }
  }
  await target.isUnharmed();
});

function inflate(answer: { rsv1: boolean; payload: Buffer } | undefined): Buffer {
  assert.ok(answer !== undefined);
  if (!answer.rsv1) return answer.payload;
  return inflateRawSync(Buffer.concat([answer.payload, Buffer.from([0, 0, 255, 255, 1, 0, 0, 255, 255])]));
}

test("what is compressed larger than the limit is refused before it is inflated (bad inputs 3.4)", async (t) => {
  const target = await Target.start(t, { compression: true, maxMessageBytes: 1000 });
  const peer = await target.open({ headers });
  const payload = deflated(randomBytes(2000));
  assert.ok(payload.length > 1000);
  peer.write(frame({ opcode: 2, rsv: 4, payload }).subarray(0, 100));
  assert.equal(await peer.closeCode(), 1009);
  peer.destroy();
  await target.isUnharmed();
});
