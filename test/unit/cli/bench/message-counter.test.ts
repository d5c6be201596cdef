import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageCounter } from "../../../../src/cli/bench/message-counter.ts";
import { serverFrame } from "../../../support/server-bytes.ts";

test("many small messages in one chunk, the last one cut", () => {
  const scanner = new MessageCounter({ onControl: () => assert.fail(), onPrompt: () => assert.fail() });
  const frame = serverFrame(0x81, "@0000000000@");
  const bytes = Buffer.concat(Array.from({ length: 1000 }, () => frame));
  scanner.scan(bytes, 0, bytes.length - 1);
  assert.equal(scanner.take(), 999);
  scanner.scan(bytes, bytes.length - 1, bytes.length);
  assert.equal(scanner.take(), 1);
});

test("a fragment is no message, its last one is", () => {
  const scanner = new MessageCounter({ onControl: () => assert.fail(), onPrompt: () => assert.fail() });
  for (const [firstByte, found] of [
    [0x01, 0],
    [0x00, 0],
    [0x80, 1],
  ] as const) {
    const frame = serverFrame(firstByte, "part");
    scanner.scan(frame, 0, frame.length);
    assert.equal(scanner.take(), found);
  }
});
