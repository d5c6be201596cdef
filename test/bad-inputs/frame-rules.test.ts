import assert from "node:assert/strict";
import { test } from "node:test";
import { binary, continuation, frame, ping, text } from "../support/decoder-harness.ts";
import { headerOnly, type RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";

const STAYS = 0;
const DEFLATE = { "Sec-WebSocket-Extensions": "permessage-deflate" };

/** What a first frame without payload comes to: a close code, or that the connection stays. By RFC 6455 §5.2 to §5.5. */
function outcome(firstByte: number, masked: boolean, compression: boolean): number {
  const opcode = firstByte & 0x0f;
  const rsv = (firstByte & 0x70) >> 4;
  const fin = firstByte >= 0x80;
  const isData = opcode === 1 || opcode === 2;
  if (rsv !== 0 && !(compression && rsv === 4 && isData)) return 1002;
  if (!masked || ![0, 1, 2, 8, 9, 10].includes(opcode)) return 1002;
  if (opcode === 0) return 1002;
  if (opcode >= 8 && !fin) return 1002;
  return opcode === 8 ? 1005 : STAYS;
}

/** The close code that the connection ends with; STAYS if a ping is still answered. */
async function outcomeOf(peer: RawPeer): Promise<number> {
  peer.write(ping("alive"));
  for (;;) {
    const next = await peer.frame();
    if (next?.opcode === 10) return STAYS;
    if (next?.opcode === 8) return next.payload.length === 0 ? 1005 : next.payload.readUInt16BE(0);
    if (next === undefined) return 1006;
  }
}

for (const compression of [false, true]) {
  const name = compression ? "with compression" : "without compression";
  test(`every first byte, masked and not, ${name} (bad inputs 2.6)`, async (t) => {
    const target = await Target.start(t, { compression });
    for (let firstByte = 0; firstByte < 256; firstByte++) {
      for (const masked of [true, false]) {
        const peer = await target.open(compression ? { headers: DEFLATE } : {});
        peer.write(
          frame({ opcode: firstByte & 0x0f, rsv: (firstByte & 0x70) >> 4, fin: firstByte >= 0x80, masked }),
        );
        const what = `0x${firstByte.toString(16)}${masked ? " masked" : ""}`;
        assert.equal(await outcomeOf(peer), outcome(firstByte, masked, compression), what);
        peer.destroy();
      }
    }
    await target.isUnharmed();
  });
}

test("a new message within a fragmented one, fragments of nothing, control frames out of form (bad inputs 2.6)", async (t) => {
  const target = await Target.start(t);
  const broken: [string, Buffer][] = [
    ["a text within a text", Buffer.concat([text("a", { fin: false }), text("b")])],
    [
      "a binary within a text",
      Buffer.concat([text("a", { fin: false }), binary(Buffer.of(1), { fin: false })]),
    ],
    ["a continuation after a whole message", Buffer.concat([text("a"), continuation("b")])],
    ["a ping of 126 bytes", ping("x".repeat(126))],
    ["a pong of 65,536 bytes", headerOnly(0x8a, 65_536n)],
    ["a ping with a length in two bytes", headerOnly(0x89, 5n, { extended: 16 })],
    ["a fragmented ping", frame({ opcode: 9, fin: false, payload: "x" })],
    ["a length of 0 in two bytes", headerOnly(0x81, 0n, { extended: 16 })],
    ["a length of 125 in two bytes", headerOnly(0x82, 125n, { extended: 16 })],
    ["a length of 0 in eight bytes", headerOnly(0x81, 0n, { extended: 64 })],
    ["a length of 65,535 in eight bytes", headerOnly(0x82, 65_535n, { extended: 64 })],
  ];
  for (const [how, bytes] of broken) {
    const peer = await target.open();
    peer.write(bytes);
    assert.equal(await peer.closeCode(), 1002, how);
    await peer.ended();
    peer.destroy();
  }
  const fine = await target.open();
  fine.write(Buffer.concat([text("a", { fin: false }), ping("between"), continuation("b")]));
  assert.equal((await fine.frame())?.payload.toString(), "between");
  assert.equal(await fine.text(), "ab");
  fine.destroy();
  await target.isUnharmed();
});

test("messages before a broken frame are delivered, what comes after is not (bad inputs 2.6)", async (t) => {
  const seen: unknown[] = [];
  const target = await Target.start(t, {
    routes: { "/seen": { message: (_socket, message) => void seen.push(message) } },
  });
  const peer = await target.open({ path: "/seen" });
  peer.write(Buffer.concat([text("before"), frame({ opcode: 5 }), text("after")]));
  assert.equal(await peer.closeCode(), 1002);
  peer.destroy();
  await target.isUnharmed();
  assert.deepEqual(seen, ["before"]);
});

test("a handler that speaks text only closes with 1003, and the other way round (bad inputs 2.8)", async (t) => {
  const target = await Target.start(t, {
    routes: {
      "/text": async (socket) => {
        for await (const message of socket) {
          if (typeof message !== "string") return socket.close(1003, "text only");
        }
      },
      "/binary": {
        message: (socket, message) => {
          if (typeof message === "string") socket.close(1003, "binary only");
        },
      },
    },
  });
  const sent: [string, Buffer][] = [
    ["/text", binary(Buffer.of(1, 2, 3))],
    ["/binary", text("hello")],
  ];
  for (const [path, bytes] of sent) {
    const peer = await target.open({ path });
    peer.write(bytes);
    const { code, reason } = await peer.closing();
    assert.deepEqual([code, reason], [1003, `${path.slice(1)} only`]);
    peer.destroy();
  }
  await target.isUnharmed();
});
