import assert from "node:assert/strict";
import { test } from "node:test";
import { close, continuation, fragments, text } from "../support/decoder-harness.ts";
import { headerOnly } from "../support/raw-peer.ts";
import { Target } from "../support/test-server.ts";

const INVALID: [string, number[]][] = [
  ["a continuation byte alone", [0x80]],
  ["the last continuation byte alone", [0xbf]],
  ["a lead byte alone", [0xc3]],
  ["a lead byte before ASCII", [0xc3, 0x28]],
  ["an overlong slash of 2", [0xc0, 0xaf]],
  ["an overlong slash of 3", [0xe0, 0x80, 0xaf]],
  ["an overlong slash of 4", [0xf0, 0x80, 0x80, 0xaf]],
  ["an overlong NUL", [0xc0, 0x80]],
  ["the largest overlong of 3", [0xe0, 0x9f, 0xbf]],
  ["the first surrogate", [0xed, 0xa0, 0x80]],
  ["the last surrogate", [0xed, 0xbf, 0xbf]],
  ["a pair of surrogates", [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80]],
  ["above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ["a lead byte of 5", [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ["a lead byte of 6", [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80]],
  ["FE", [0xfe]],
  ["FF", [0xff]],
  ["a character cut short", [0xe2, 0x82]],
];

const VALID = [
  "κόσμε",
  "\u0000",
  "\u007f\u0080\u07ff\u0800\uffff",
  "\u{10000}\u{10ffff}",
  "\ud7ff\ue000\ufffd",
  "\ufeffBOM",
];

// Short, and long enough for another way of checking.
const BEFORE = ["", "a".repeat(100), "é".repeat(60)];

test("invalid UTF-8 in a text is refused, whole and in fragments (bad inputs 2.7)", async (t) => {
  const target = await Target.start(t);
  for (const [how, bytes] of INVALID) {
    for (const before of BEFORE) {
      const payload = Buffer.concat([Buffer.from(before), Buffer.from(bytes)]);
      const half = payload.length - 1;
      const ways = [
        text(payload),
        Buffer.concat(fragments(1, [payload.subarray(0, half), payload.subarray(half)])),
      ];
      for (const message of ways) {
        const peer = await target.open();
        peer.write(message);
        assert.equal(await peer.closeCode(), 1007, how);
        await peer.ended();
        peer.destroy();
      }
    }
  }
  await target.isUnharmed();
});

test("valid UTF-8 comes through however its characters are cut (bad inputs 2.7)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.open();
  for (const message of VALID) {
    for (const before of BEFORE) {
      const whole = before + message;
      peer.write(text(whole));
      assert.equal(await peer.text(), whole);
      const bytes = Buffer.from(whole);
      peer.write(
        Buffer.concat(
          fragments(
            1,
            [...bytes].map((byte) => Buffer.of(byte)),
          ),
        ),
      );
      assert.equal(await peer.text(), whole);
    }
  }
  const [lead, ...rest] = fragments(
    1,
    [...Buffer.from("😀")].map((byte) => Buffer.of(byte)),
  );
  assert.equal(rest.length, 3);
  for (const part of [lead as Buffer, ...rest]) {
    peer.write(part);
    await target.canary.sings();
  }
  assert.equal(await peer.text(), "😀");
  peer.destroy();
  await target.isUnharmed();
});

test("a text is refused with its first bad byte, before it is whole (bad inputs 2.7)", async (t) => {
  const target = await Target.start(t);
  const bad = Buffer.from([0xce, 0xba, 0xf4, 0x90]);
  const frame = text(Buffer.concat([bad, Buffer.alloc(1000)]));
  const early = [
    // The first of several fragments.
    text(bad, { fin: false }),
    // Within a frame, the rest of which never comes.
    frame.subarray(0, frame.length - 1000),
    // In a fragment after the one that the character began in.
    Buffer.concat([text(bad.subarray(0, 3), { fin: false }), continuation(bad.subarray(3), { fin: false })]),
  ];
  for (const bytes of early) {
    const peer = await target.open();
    peer.write(bytes);
    assert.equal(await peer.closeCode(), 1007);
    peer.destroy();
  }
  await target.isUnharmed();
});

test("bytes that aren't a text are never looked at as one (bad inputs 2.7)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.open();
  for (const [, bytes] of INVALID) {
    const payload = Buffer.from(bytes);
    peer.write(text(payload, { opcode: 2 }));
    assert.deepEqual((await peer.frame())?.payload, payload);
  }
  peer.destroy();
  await target.isUnharmed();
});

test("a close reason has to be UTF-8 too (bad inputs 2.7)", async (t) => {
  const target = await Target.start(t);
  for (const [how, bytes] of INVALID) {
    const peer = await target.open();
    peer.write(close(1000, Buffer.from(bytes)));
    assert.equal(await peer.closeCode(), 1007, how);
    peer.destroy();
  }
  await target.isUnharmed();
});

test("an empty text in a frame that says so is a message (bad inputs 2.7)", async (t) => {
  const target = await Target.start(t);
  const peer = await target.open();
  peer.write(headerOnly(0x81, 0n));
  assert.equal(await peer.text(), "");
  peer.write(Buffer.concat(fragments(1, ["", "", ""])));
  assert.equal(await peer.text(), "");
  peer.destroy();
  await target.isUnharmed();
});
