import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameBatch } from "../../../../src/cli/bench/frame-batch.ts";
import { parseTemplate, renderTemplate } from "../../../../src/cli/bench/template.ts";
import { FakeBatchStream, unmasked } from "../../../support/fake-load-connection.ts";

function batchOf(template: string, numbers = { next: 1_000_000_001 }): FrameBatch {
  return new FrameBatch(
    1,
    renderTemplate(parseTemplate(template, "message"), { index: 4, group: 2, size: 0 }),
    numbers,
  );
}

function messagesIn(bytes: Buffer, batch: FrameBatch): string[] {
  const count = bytes.length / batch.frameBytes;
  return Array.from({ length: count }, (_, at) => unmasked(bytes.subarray(at * batch.frameBytes)));
}

test("several frames go out in one write, each with its own time and number", () => {
  const batch = batchOf("%i/%r %t #%n");
  const stream = new FakeBatchStream();
  batch.reserve(3);
  batch.stamp(0, 1);
  batch.stamp(1, 0xabcdef);
  batch.stamp(2, 3.9);
  batch.send(stream, 3);
  assert.equal(stream.writes.length, 1);
  assert.deepEqual(messagesIn(stream.writes[0] as Buffer, batch), [
    "4/2 @0000000001@ #1000000001",
    "4/2 @0000abcdef@ #1000000002",
    "4/2 @0000000003@ #1000000003",
  ]);
});

test("a message without a time or a number is sent as it is", () => {
  const batch = batchOf("plain");
  const stream = new FakeBatchStream();
  batch.stamp(0, 1);
  batch.send(stream, 1);
  assert.deepEqual(messagesIn(stream.writes[0] as Buffer, batch), ["plain"]);
});

test("what a stream has yet to write isn't written over", () => {
  const batch = batchOf("%t");
  const written: Uint8Array[] = [];
  const slow = { pendingBytes: 18, write: (bytes: Uint8Array) => written.push(bytes) < 0 };
  batch.stamp(0, 1);
  batch.send(slow, 1);
  batch.stamp(0, 2);
  batch.send(slow, 1);
  batch.stamp(0, 3);
  assert.deepEqual(
    written.map((bytes) => unmasked(Buffer.from(bytes))),
    ["@0000000001@", "@0000000002@"],
  );
});

test("a buffer is used again once its stream is done with it", () => {
  const batch = batchOf("%t");
  const buffers: ArrayBufferLike[] = [];
  const slow = (): { pendingBytes: number; write(bytes: Uint8Array): boolean } => ({
    pendingBytes: 1,
    write: (bytes) => buffers.push(bytes.buffer) < 0,
  });
  const first = slow();
  batch.send(first, 1);
  first.pendingBytes = 0;
  batch.send(slow(), 1);
  batch.send(slow(), 1);
  assert.equal(buffers[2], buffers[0]);
  assert.notEqual(buffers[1], buffers[0]);
});

test("the buffer grows as far as is needed", () => {
  const batch = batchOf("%t");
  const stream = new FakeBatchStream();
  for (const count of [1, 5, 2]) {
    batch.reserve(count);
    for (let index = 0; index < count; index++) batch.stamp(index, index);
    batch.send(stream, count);
  }
  assert.deepEqual(
    stream.writes.map((bytes) => messagesIn(bytes, batch).length),
    [1, 5, 2],
  );
});
