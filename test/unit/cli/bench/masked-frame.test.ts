import assert from "node:assert/strict";
import { test } from "node:test";
import { MASKED_DIGITS, maskedFrame, maskedHeaderBytes } from "../../../../src/cli/bench/masked-frame.ts";
import { FrameDecoder, Opcode } from "../../../../src/websocket/index.ts";

function decode(frame: Buffer): (string | Buffer)[] {
  const messages: (string | Buffer)[] = [];
  const sink = {
    onMessage: (message: string | Buffer) =>
      messages.push(typeof message === "string" ? message : Buffer.from(message)),
    onCompressed: () => assert.fail("compressed"),
    onPing: (payload: Buffer) => messages.push(`ping ${payload}`),
    onPong: (payload: Buffer) => messages.push(`pong ${payload}`),
    onClose: (code: number) => messages.push(`close ${code}`),
    onViolation: (code: number, reason: string) => assert.fail(`${code} ${reason}`),
  };
  const limits = { role: "server", maxMessageBytes: 1 << 20, maxFragments: 1, compression: false } as const;
  new FrameDecoder(sink, limits).push(frame, 0, frame.length);
  return messages;
}

for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
  test(`a server reads a message of ${length} bytes`, () => {
    const text = "y".repeat(length);
    const frame = maskedFrame(Opcode.text, Buffer.from(text));
    assert.equal(frame.length, maskedHeaderBytes(length) + length);
    assert.deepEqual(decode(frame), [text]);
  });
}

test("control frames are frames, too", () => {
  assert.deepEqual(decode(maskedFrame(Opcode.pong, Buffer.from("abc"))), ["pong abc"]);
  assert.deepEqual(decode(maskedFrame(Opcode.close, Buffer.from([3, 232]))), ["close 1000"]);
});

test("the key isn't zero: there are servers that would skip the unmasking", () => {
  const frame = maskedFrame(Opcode.text, Buffer.from("a"));
  assert.notDeepEqual([...frame.subarray(2, 6)], [0, 0, 0, 0]);
});

test("a masked digit can be written anywhere in a frame", () => {
  const frame = maskedFrame(Opcode.text, Buffer.from("----"));
  MASKED_DIGITS.subarray(6, 10).forEach((digit, at) => {
    frame[6 + at] = digit;
  });
  assert.deepEqual(decode(frame), ["6789"]);
});
