import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../src/index.ts";
import { ping, pong, text } from "../support/decoder-harness.ts";
import { Target } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";

function payloadOf(index: number): string {
  return `${index} `.padEnd(125, "x");
}

test("pongs for one that doesn't read them don't pile up: the newest is enough (bad inputs 2.9)", async (t) => {
  const target = await Target.start(t, { keepalive: { pingIntervalMs: null } });
  const peer = await target.open({ answersPings: false });
  peer.pause();
  const count = 150_000;
  const batch = 1000;
  let most = 0;
  for (let at = 0; at < count; at += batch) {
    const pings = Array.from({ length: batch }, (_, index) => ping(payloadOf(at + index)));
    await peer.written(Buffer.concat(pings));
    most = Math.max(most, target.server.stats().bufferedBytes);
    if (at % 10_000 === 0) await target.canary.sings();
  }
  await waitFor("all pings to be read", () => target.server.stats().bytesIn >= count * 131);
  // One write that the kernel hasn't taken, and one pong.
  assert.ok(most <= 256 * 1024, `${most} bytes were buffered for ${count * 127} bytes of pongs`);
  assert.ok(target.server.stats().bufferedBytes > 0, "it was blocked");
  peer.resume();
  let pongs = 0;
  for (;;) {
    const next = await peer.frame();
    assert.equal(next?.opcode, 10);
    pongs++;
    if (next?.payload.toString() === payloadOf(count - 1)) break;
  }
  assert.ok(pongs < count);
  peer.destroy();
  await target.isUnharmed();
});

test("a peer that reads gets a pong for each of its pings (bad inputs 2.9)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.open();
  peer.write(Buffer.concat(Array.from({ length: 1000 }, (_, index) => ping(String(index)))));
  for (let index = 0; index < 1000; index++)
    assert.equal((await peer.frame())?.payload.toString(), String(index));
  peer.destroy();
  await target.isUnharmed();
});

test("above the rate that is set, control frames are refused as messages are (bad inputs 2.9)", async (t) => {
  const target = await Target.start(t, { routes: { "/": { handler: {}, maxMessagesPerSecond: 100 } } });
  for (const piece of [ping("p"), pong("p"), text("t")]) {
    const within = await target.open();
    const before = target.server.stats().bytesIn;
    within.write(Buffer.concat(Array.from({ length: 100 }, () => piece)));
    await waitFor("them to be read", () => target.server.stats().bytesIn === before + 100 * piece.length);
    const beyond = await target.open();
    beyond.write(Buffer.concat(Array.from({ length: 10_000 }, () => piece)));
    const { code, reason } = await beyond.closing();
    assert.deepEqual([code, reason], [1008, "rate limit exceeded"]);
    beyond.destroy();
    assert.equal(within.isEnded, false);
    within.destroy();
    await target.isUnharmed();
  }
  const bytes = await Target.start(t, { routes: { "/": { handler: {}, maxBytesPerSecond: 1000 } } });
  const beyond = await bytes.open();
  beyond.write(text("x".repeat(200_000)));
  assert.equal(await beyond.closeCode(), 1008);
  beyond.destroy();
  await bytes.isUnharmed();
});

test("pongs that nobody asked for are heard and ignored (bad inputs 2.9)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.open();
  peer.write(Buffer.concat([...Array(1000).fill(pong("unasked")), text("still here")]));
  assert.equal(await peer.text(), "still here");
  peer.destroy();
  await target.isUnharmed();
});

test("only strings and bytes are ever sent, and no byte that isn't theirs (bad inputs 2.10)", async (t) => {
  let socket: Connection<unknown> | undefined;
  const target = await Target.start(t, {
    routes: {
      "/held": {
        open: (opened) => {
          socket = opened;
        },
      },
    },
  });
  const peer = await target.open({ path: "/held", answersPings: false });
  await waitFor("the connection", () => socket !== undefined);
  const held = socket as Connection<unknown>;
  const bad = [
    100,
    2 ** 31,
    null,
    {},
    [1, 2],
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    true,
    Symbol("s"),
  ];
  for (const value of bad) {
    // @ts-expect-error neither a string nor bytes
    const send = (): boolean => held.send(value);
    // @ts-expect-error neither a string nor bytes
    const sendPing = (): void => held.ping(value);
    // @ts-expect-error not a string
    const closeWith = (): void => held.close(1000, value);
    assert.throws(send, { code: "SLUICE_INVALID_MESSAGE" });
    assert.throws(sendPing, { code: "SLUICE_INVALID_PING_PAYLOAD" });
    assert.throws(closeWith, { code: "SLUICE_INVALID_CLOSE_REASON" });
  }
  for (const reason of [new Uint8Array(10), new Uint32Array(10), Buffer.from("no")]) {
    // @ts-expect-error not a string
    assert.throws(() => held.close(1000, reason), { code: "SLUICE_INVALID_CLOSE_REASON" });
  }
  // @ts-expect-error bytes are seen as bytes, not as numbers of four
  assert.throws(() => held.send(new Uint32Array(4)), { code: "SLUICE_INVALID_MESSAGE" });
  assert.equal(held.state, "open");

  const around = Buffer.alloc(300, "secret");
  const view = around.subarray(100, 110).fill("v");
  held.send(view);
  held.ping(view);
  held.send(new Uint8Array(around.buffer, around.byteOffset + 100, 10));
  held.send("");
  held.close(1000, "bye");
  const frames = [
    await peer.frame(),
    await peer.frame(),
    await peer.frame(),
    await peer.frame(),
    await peer.frame(),
  ];
  assert.deepEqual(
    frames.map((frame) => `${frame?.opcode}:${frame?.payload.toString("latin1")}`),
    ["2:vvvvvvvvvv", "9:vvvvvvvvvv", "2:vvvvvvvvvv", "1:", "8:\x03\xe8bye"],
  );
  peer.destroy();
  await target.isUnharmed();
});
