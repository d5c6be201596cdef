import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MessageCounter } from "../../../../src/cli/bench/message-counter.ts";
import { chunksOf, serverFrame } from "../../../support/server-bytes.ts";

function scanAll(chunks: readonly Buffer[], prompt?: string): { events: string[]; found: number } {
  const events: string[] = [];
  const scanner = new MessageCounter(
    {
      onControl: (opcode, payload) => events.push(`${opcode} ${payload.toString("latin1")}`),
      onPrompt: () => events.push("prompt"),
    },
    prompt === undefined ? undefined : Buffer.from(prompt),
  );
  // As in a receive buffer, a chunk may stand anywhere in it, and is gone after it was read.
  const buffer = Buffer.alloc(200_000);
  for (const chunk of chunks) {
    chunk.copy(buffer, 3);
    scanner.scan(buffer, 3, 3 + chunk.length);
    buffer.fill(0x81);
  }
  return { events, found: scanner.take() };
}

const frames = [
  serverFrame(0x81, "hello"),
  serverFrame(0x89, "are you there"),
  serverFrame(0x82, Buffer.alloc(300, 0x81)),
  serverFrame(0x81, ""),
  serverFrame(0x89, ""),
  serverFrame(0x01, "frag"),
  serverFrame(0x8a, "pong in between"),
  serverFrame(0x80, "ment"),
  serverFrame(0x81, "y".repeat(70_000)),
  serverFrame(0x81, "2"),
  serverFrame(0x81, "3"),
  serverFrame(0x88, Buffer.from([3, 232, 98, 121, 101])),
];
const bytes = Buffer.concat(frames);
const controls = ["9 are you there", "9 ", "10 pong in between", "8 \x03\xe8bye"];

test("messages are counted, control frames reported", () => {
  assert.deepEqual(scanAll([bytes]), { events: controls, found: 7 });
});

test("it makes no difference where the chunks end", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sizes) => {
      assert.deepEqual(scanAll(chunksOf(bytes, sizes)), { events: controls, found: 7 });
    }),
  );
});

test("every byte may be a chunk", () => {
  assert.deepEqual(scanAll(chunksOf(bytes, [1])), { events: controls, found: 7 });
});

test("a prompt is reported and not counted, however it comes; what is only as long is a message", () => {
  const expected = { events: [...controls.slice(0, 3), "prompt", ...controls.slice(3)], found: 6 };
  for (const sizes of [[bytes.length], [1], [7, 3, 11]]) {
    assert.deepEqual(scanAll(chunksOf(bytes, sizes), "2"), expected);
  }
});

test("taking starts the count anew", () => {
  const scanner = new MessageCounter({ onControl: () => {}, onPrompt: () => {} });
  const frame = serverFrame(0x81, "a");
  scanner.scan(frame, 0, frame.length);
  assert.equal(scanner.take(), 1);
  assert.equal(scanner.take(), 0);
});
