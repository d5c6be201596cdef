import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../src/index.ts";
import { close, frame, ping, text } from "../support/decoder-harness.ts";
import { Target } from "../support/test-server.ts";
import { waitFor } from "../support/wait-for.ts";

const ILLEGAL = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
const LEGAL = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];

test("close codes that may not be sent are refused, the others echoed (bad inputs 2.11)", async (t) => {
  const target = await Target.start(t);
  for (const [codes, answer] of [
    [ILLEGAL, () => 1002],
    [LEGAL, (code: number) => code],
  ] as const) {
    for (const code of codes) {
      const peer = await target.open();
      peer.write(close(code, "reason"));
      const { code: answered, reason } = await peer.closing();
      assert.equal(answered, answer(code), `${code}`);
      if (answered === code && code !== 1002) assert.equal(reason, "", "their reason isn't sent back");
      await peer.ended();
      peer.destroy();
    }
  }
  await target.isUnharmed();
});

test("close frames that are malformed (bad inputs 2.11)", async (t) => {
  const target = await Target.start(t);
  const malformed: [string, Buffer, number][] = [
    ["without a body", frame({ opcode: 8 }), 1005],
    ["of one byte", frame({ opcode: 8, payload: Buffer.of(3) }), 1002],
    ["with a reason of 123 bytes", close(1000, "x".repeat(123)), 1000],
    ["with a reason of 124 bytes", close(1000, "x".repeat(124)), 1002],
    ["with a reason that isn't UTF-8", close(1000, Buffer.from([0xc3, 0x28])), 1007],
    ["with half a character", close(1000, Buffer.from([0xe2, 0x82])), 1007],
    ["fragmented", frame({ opcode: 8, fin: false, payload: Buffer.from([3, 232]) }), 1002],
    ["not masked", frame({ opcode: 8, payload: Buffer.from([3, 232]), masked: false }), 1002],
  ];
  for (const [how, bytes, code] of malformed) {
    const peer = await target.open();
    peer.write(bytes);
    assert.equal(await peer.closeCode(), code, how);
    await peer.ended();
    peer.destroy();
  }
  await target.isUnharmed();
});

test("codes that may not be sent are never sent, whoever asks for them (bad inputs 2.11)", async (t) => {
  let socket: Connection<unknown> | undefined;
  const target = await Target.start(t, {
    routes: {
      "/": {
        open: (opened) => {
          socket = opened;
        },
      },
    },
  });
  const peer = await target.open();
  await waitFor("the connection", () => socket !== undefined);
  for (const code of [...ILLEGAL, 1000.5, Number.NaN, -1, "1000" as never]) {
    assert.throws(() => socket?.close(code), { code: "SLUICE_INVALID_CLOSE_CODE" });
  }
  assert.throws(() => socket?.close(1000, "x".repeat(124)), { code: "SLUICE_INVALID_CLOSE_REASON" });
  assert.throws(() => socket?.close(1000, "é".repeat(62)), { code: "SLUICE_INVALID_CLOSE_REASON" });
  socket?.close(4999, "é".repeat(61));
  assert.deepEqual(await peer.closing(), { code: 4999, reason: "é".repeat(61), before: [] });
  peer.destroy();
  await target.isUnharmed();
});

test("a peer that never answers our close is dropped (bad inputs 2.12)", async (t) => {
  const target = await Target.start(t, { closeTimeoutMs: 200, routes: { "/bye": () => {} } });
  const silent = await target.open({ path: "/bye" });
  const pinging = await target.open({ path: "/bye" });
  const stuck = await target.open({ path: "/bye" });
  assert.equal(await silent.closeCode(), 1000);
  assert.equal(await pinging.closeCode(), 1000);
  // Signs of life don't help: the time for the answer is fixed.
  const drip = setInterval(() => {
    if (!pinging.isEnded) pinging.write(ping());
  }, 20);
  t.after(() => clearInterval(drip));
  stuck.pause();
  await waitFor("all to be dropped", () => target.server.connections.size === 1);
  clearInterval(drip);
  for (const peer of [silent, pinging, stuck]) peer.destroy();
  assert.equal(target.server.stats().closed["1000"], 3);
  await target.isUnharmed();
});

test("a peer that answers our close, but never hangs up, is dropped (bad inputs 2.12)", async (t) => {
  const target = await Target.start(t, { closeTimeoutMs: 200, routes: { "/bye": () => {} } });
  const peer = await target.open({ path: "/bye" });
  assert.equal(await peer.closeCode(), 1000);
  peer.write(close(1000));
  await peer.ended();
  // The server has said that it is done; the peer's side stays open.
  await target.isUnharmed();
  peer.destroy();
});

test("what comes after a close frame is ignored, a thousand more of them too (bad inputs 2.12)", async (t) => {
  const seen: unknown[] = [];
  const target = await Target.start(t, {
    closeTimeoutMs: 200,
    routes: {
      "/seen": {
        message: (_socket, message) => void seen.push(message),
        ping: (_socket, payload) => void seen.push(payload),
      },
    },
  });
  const peer = await target.open({ path: "/seen" });
  const after = [text("after"), ping("after"), frame({ opcode: 5 }), Buffer.from("not frames at all")];
  peer.write(Buffer.concat([text("before"), close(3000), ...Array(1000).fill(close(1000)), ...after]));
  const { code, before } = await peer.closing();
  assert.equal(code, 3000);
  assert.deepEqual(before, []);
  assert.equal(await peer.frame(), undefined, "one answer only");
  await target.isUnharmed();
  peer.destroy();
  assert.deepEqual(seen, ["before"]);
  assert.equal(target.server.stats().closed["3000"], 1);
});

test("what comes after our close is not given to the handler (bad inputs 2.12)", async (t) => {
  const seen: unknown[] = [];
  const target = await Target.start(t, {
    routes: {
      "/once": {
        message: (socket, message) => {
          seen.push(message);
          socket.close(4000, "enough");
        },
      },
    },
  });
  const peer = await target.open({ path: "/once" });
  peer.write(Buffer.concat([text("one"), text("two"), ping("p")]));
  const { code, before } = await peer.closing();
  assert.deepEqual([code, before], [4000, []]);
  peer.write(Buffer.concat([text("three"), close(4000)]));
  await peer.ended();
  peer.destroy();
  await target.isUnharmed();
  assert.deepEqual(seen, ["one"]);
});

test("a peer that only goes on sending after our close is cut (bad inputs 2.12)", async (t) => {
  const target = await Target.start(t, { closeTimeoutMs: 60_000, routes: { "/bye": () => {} } });
  const peer = await target.open({ path: "/bye" });
  assert.equal(await peer.closeCode(), 1000);
  const message = text("x".repeat(64 * 1024));
  let sent = 0;
  while (!peer.socket.destroyed && sent < 512 * 1024 * 1024) {
    await Promise.race([peer.written(message), peer.gone]);
    await target.canary.sings();
    sent += message.length;
  }
  assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
  await target.isUnharmed();
});

test("a peer that says goodbye and one that just leaves, at the same time as we do (bad inputs 2.12)", async (t) => {
  const target = await Target.start(t, {
    closeTimeoutMs: 200,
    routes: { "/bye": { message: (socket) => socket.close(4001) } },
  });
  for (let round = 0; round < 30; round++) {
    const peer = await target.open({ path: "/bye" });
    peer.write(Buffer.concat([text("now"), close(4002)]));
    if (round % 3 === 0) peer.end();
    if (round % 3 === 1) peer.reset();
    if (round % 3 === 2) await peer.ended();
    peer.destroy();
  }
  await target.isUnharmed();
  assert.deepEqual(target.errors, []);
});
