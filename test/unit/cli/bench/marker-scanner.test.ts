import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MarkerScanner } from "../../../../src/cli/bench/marker-scanner.ts";
import { chunksOf, serverFrame } from "../../../support/server-bytes.ts";

function markersIn(chunks: readonly Buffer[], prompt?: string): number[] {
  const found: number[] = [];
  const scanner = new MarkerScanner(
    { onControl: () => {}, onPrompt: () => found.push(-1) },
    { onMarker: (sent) => found.push(sent) },
    prompt === undefined ? undefined : Buffer.from(prompt),
  );
  const buffer = Buffer.alloc(300_000);
  for (const chunk of chunks) {
    chunk.copy(buffer, 5);
    scanner.scan(buffer, 5, 5 + chunk.length);
    // What is left of an earlier read must not be taken for what was read.
    buffer.fill("@");
  }
  assert.equal(scanner.take(), found.filter((sent) => sent >= 0).length);
  return found;
}

const marker = (value: number): string => `@${value.toString(16).padStart(10, "0")}@`;

const bytes = Buffer.concat([
  serverFrame(0x81, `${marker(1)}xxxx`),
  serverFrame(0x81, `42["m","${marker(2)}"]`),
  serverFrame(0x82, `${marker(3)}\n${marker(4)}${marker(5)}`),
  serverFrame(0x81, `${"x".repeat(20_000)}${marker(6)}${"y".repeat(5_000)}`),
  serverFrame(0x81, `@@@${marker(7)}@@@@00@`),
  serverFrame(0x81, "no marker here"),
  serverFrame(0x81, "@123"),
  serverFrame(0x89, marker(99)),
  serverFrame(0x81, `${"z".repeat(200)}${marker(8)}`),
  serverFrame(0x01, `${marker(9)}abc`),
  serverFrame(0x80, `def${marker(10)}`),
  serverFrame(0x81, `${"w".repeat(100_000)}${marker(11)}`),
]);
const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

test("each marker is found, wherever it stands and however many a frame has; not those in control frames", () => {
  assert.deepEqual(markersIn([bytes]), all);
});

test("it makes no difference where the chunks end", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      assert.deepEqual(markersIn(chunksOf(bytes, sizes)), all);
    }),
    { numRuns: 50 },
  );
});

test("every byte may be a chunk", () => {
  assert.deepEqual(markersIn(chunksOf(bytes, [1])), all);
});

test("a marker that is broken off and isn't one is forgotten", () => {
  const message = Buffer.concat([serverFrame(0x81, "@00000"), serverFrame(0x81, `00000@${marker(3)}`)]);
  for (const sizes of [[1], [5], [message.length]])
    assert.deepEqual(markersIn(chunksOf(message, sizes)), [3]);
});

test("a prompt is no message, though it looks like one with a marker", () => {
  const messages = Buffer.concat([serverFrame(0x81, marker(1)), serverFrame(0x81, marker(2))]);
  for (const sizes of [[1], [messages.length]]) {
    assert.deepEqual(markersIn(chunksOf(messages, sizes), marker(1)), [-1, 2]);
  }
});
