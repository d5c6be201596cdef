import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { pendingZlibJobs, runZlibJob } from "../../src/websocket/zlib-jobs.ts";
import { collectGarbage } from "../support/collect-garbage.ts";
import { frame, text } from "../support/decoder-harness.ts";
import { deflated, deflatedFrame, deflateOffer } from "../support/deflated.ts";
import { handshakeBytes } from "../support/raw-peer.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { Target } from "../support/test-server.ts";
import { turns, waitFor } from "../support/wait-for.ts";

const headers = deflateOffer;

function compressed(payload: Uint8Array, opcode = 1): Buffer {
  return frame({ opcode, rsv: 4, payload });
}

test("data that isn't deflate, or not all of it, is refused (bad inputs 3.3)", async (t) => {
  const target = await Target.start(t, { compression: true });
  const whole = deflated("hello hello hello hello");
  const long = deflated(randomBytes(3000).toString("hex"));
  const corrupt: [string, Buffer][] = [
    ["a reserved block type", Buffer.of(0x07)],
    ["random bytes", Buffer.from("ffffffffffffffffffffff", "hex")],
    ["a stored block whose lengths disagree", Buffer.from([0x00, 0x05, 0x00, 0x00, 0x00, 1, 2, 3, 4, 5])],
    ["a stored block cut short", Buffer.from([0x00, 0x05, 0x00, 0xfa, 0xff, 1, 2])],
    ["cut within a block", whole.subarray(0, 3)],
    ["cut within a long block", long.subarray(0, 1000)],
    ["a reference to before the beginning", Buffer.from([0x4b, 0x04, 0x62, 0x00])],
    ["something after the final block", Buffer.concat([deflateRawSync("x"), Buffer.from("garbage")])],
    ["text that isn't UTF-8", deflated(Buffer.from([0xc3, 0x28]))],
  ];
  for (const [how, payload] of corrupt) {
    const peer = await target.open({ headers });
    peer.write(compressed(payload));
    const code = await peer.closeCode();
    assert.equal(code, 1007, how);
    await peer.ended();
    peer.destroy();
  }
  await target.isUnharmed();
});

test("a bit changed anywhere is corrupt data or another message, nothing else (bad inputs 3.3)", async (t) => {
  const target = await Target.start(t, { compression: true });
  const random = new SeededRandom(33);
  const whole = deflated("the quick brown fox jumps over the lazy dog, again and again and again");
  const attack = async (): Promise<number> => {
    const payload = Buffer.from(whole);
    const at = random.below(payload.length);
    payload[at] = (payload[at] ?? 0) ^ (1 << random.below(8));
    const peer = await target.open({ headers });
    peer.write(Buffer.concat([compressed(payload, 2), frame({ opcode: 8 })]));
    const { code } = await peer.closing();
    peer.destroy();
    return code;
  };
  const codes = await Promise.all(Array.from({ length: 200 }, attack));
  for (const code of codes) assert.ok([1005, 1007, 1009].includes(code), `${code}`);
  assert.ok(codes.includes(1007));
  await target.isUnharmed();
});

test("a final block, an empty message, an empty frame are messages (bad inputs 3.3)", async (t) => {
  const target = await Target.start(t, { compression: { thresholdBytes: 1_000_000 } });
  const peer = await target.open({ headers });
  peer.write(compressed(deflateRawSync("final")));
  assert.equal(await peer.text(), "final");
  peer.write(compressed(Buffer.of(0x00)));
  assert.equal(await peer.text(), "");
  peer.write(compressed(Buffer.alloc(0)));
  assert.equal(await peer.text(), "");
  peer.write(text("not compressed at all"));
  assert.equal(await peer.text(), "not compressed at all");
  peer.destroy();
  await target.isUnharmed();
});

test("RSV1 on a control frame, on a continuation, or without an agreement is refused (bad inputs 3.3)", async (t) => {
  const target = await Target.start(t, { compression: true });
  const payload = deflated("hello");
  const misuses: [string, Buffer, boolean][] = [
    ["a ping", frame({ opcode: 9, rsv: 4 }), true],
    ["a pong", frame({ opcode: 10, rsv: 4 }), true],
    ["a close", frame({ opcode: 8, rsv: 4 }), true],
    [
      "a continuation",
      Buffer.concat([
        frame({ opcode: 1, fin: false, rsv: 4, payload: payload.subarray(0, 2) }),
        frame({ opcode: 0, rsv: 4, payload: payload.subarray(2) }),
      ]),
      true,
    ],
    ["RSV2", frame({ opcode: 1, rsv: 6, payload }), true],
    ["without an agreement", compressed(payload), false],
  ];
  for (const [how, bytes, isAgreed] of misuses) {
    const peer = await target.open(isAgreed ? { headers } : {});
    peer.write(bytes);
    assert.equal(await peer.closeCode(), 1002, how);
    peer.destroy();
  }
  await target.isUnharmed();
});

test("compression is off unless it is asked for, and then keeps nothing between messages (bad inputs 3.5)", async (t) => {
  const off = await Target.start(t);
  const plain = await off.ask(handshakeBytes({ headers }));
  assert.equal((await plain.response()).headers.has("sec-websocket-extensions"), false);
  plain.destroy();
  await off.isUnharmed();
  const on = await Target.start(t, { compression: true });
  const peer = await on.ask(handshakeBytes({ headers }));
  assert.equal(
    (await peer.response()).headers.get("sec-websocket-extensions"),
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=15",
  );
  peer.destroy();
  await on.isUnharmed();
});

test("idle connections hold no more than their windows (bad inputs 3.5)", async (t) => {
  const CONNECTIONS = 100;
  const bytesEach = async (takeover: boolean, bits: number): Promise<number> => {
    const target = await Target.start(t, {
      compression: {
        serverNoContextTakeover: !takeover,
        clientNoContextTakeover: !takeover,
        serverMaxWindowBits: bits,
        clientMaxWindowBits: bits,
        thresholdBytes: 0,
      },
    });
    const message = deflatedFrame(randomBytes(20_000).toString("hex"));
    await collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const peers = [];
    for (let index = 0; index < CONNECTIONS; index++) {
      const peer = await target.open({ headers });
      peer.write(message);
      assert.equal((await peer.frame())?.opcode, 1);
      peers.push(peer);
    }
    await collectGarbage();
    const after = process.memoryUsage().arrayBuffers;
    for (const peer of peers) peer.destroy();
    await target.isUnharmed();
    return (after - before) / CONNECTIONS;
  };
  // Of zlib's own there is nothing, which would be 300 kB each. What this side of the connections holds is in it, too.
  const none = await bytesEach(false, 15);
  assert.ok(none < 48 * 1024, `${none} bytes each without takeover`);
  const small = await bytesEach(true, 9);
  assert.ok(small - none < 8 * 1024, `${small - none} bytes more each with windows of 512 bytes`);
  const large = await bytesEach(true, 15);
  assert.ok(large - none < 80 * 1024, `${large - none} bytes more each with windows of 32 KiB`);
});

test("messages that wait to be inflated are counted, and let go with their connections (bad inputs 3.6)", async (t) => {
  const target = await Target.start(t, { compression: { maxRatio: 1000 }, maxMessageBytes: 4 * 1024 * 1024 });
  const peers = await Promise.all(Array.from({ length: 10 }, () => target.open({ headers })));
  // All of zlib's threads are taken, so that what comes has to wait.
  const finishes: (() => void)[] = [];
  for (let job = 0; job < 4; job++) runZlibJob((finished) => void finishes.push(finished));
  assert.equal(finishes.length, 4);
  const large = compressed(deflated(randomBytes(300_000)), 2);
  const small = compressed(deflated(randomBytes(30_000)), 2);
  for (const [index, peer] of peers.entries()) peer.write(index % 2 === 0 ? large : small);
  await waitFor("all to wait", () => pendingZlibJobs() === 4 + 10);
  assert.ok(target.server.stats().bufferedBytes >= 5 * 330_000, "the budget knows of them");
  await target.canary.sings();
  for (const peer of peers.slice(0, 8)) peer.reset();
  for (const finished of finishes) finished();
  for (const peer of peers.slice(8)) assert.equal((await peer.frame())?.opcode, 2);
  for (const peer of peers) peer.destroy();
  await waitFor("all jobs to end", () => pendingZlibJobs() === 0);
  await target.isUnharmed();
});

test("clients that reset while their messages are inflated leave no job behind (bad inputs 3.6)", async (t) => {
  const target = await Target.start(t, { compression: { maxRatio: 1000 }, maxMessageBytes: 4 * 1024 * 1024 });
  const message = compressed(deflated(randomBytes(50_000)), 2);
  const random = new SeededRandom(36);
  for (let round = 0; round < 6; round++) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const peer = await target.open({ headers });
        peer.write(Buffer.concat([message, message]));
        await turns(random.below(6));
        peer.reset();
      }),
    );
  }
  await waitFor("all jobs to end", () => pendingZlibJobs() === 0);
  const peer = await target.open({ headers });
  peer.write(message);
  assert.equal((await peer.frame())?.opcode, 2);
  peer.destroy();
  await target.isUnharmed();
  assert.deepEqual(target.errors, []);
});

test("by default no message is compressed with what another one holds (bad inputs 3.7)", async (t) => {
  const target = await Target.start(t, {
    compression: true,
    routes: {
      "/secret": { handler: (socket) => void socket.send("secret".repeat(500)), compression: false },
      "/twice": (socket) => {
        socket.send("secret".repeat(500));
        socket.send("secret".repeat(500));
        socket.send("short");
      },
    },
  });
  const twice = await target.open({ path: "/twice", headers });
  const [first, second, short] = [await twice.frame(), await twice.frame(), await twice.frame()];
  assert.equal(first?.rsv1, true);
  assert.deepEqual(second?.payload, first?.payload, "the second is no smaller for the first");
  assert.equal(short?.rsv1, false, "a short one isn't compressed at all");
  // A route that sends secrets does without.
  const secret = await target.open({ path: "/secret", headers });
  assert.equal((await secret.frame())?.rsv1, false);
  for (const peer of [twice, secret]) peer.destroy();
  await target.isUnharmed();
});
