import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageSource, messageNumbers } from "../../../../src/cli/bench/message-source.ts";
import { parseTemplate } from "../../../../src/cli/bench/template.ts";
import { FakeBatchStream, unmasked } from "../../../support/fake-load-connection.ts";

function sourceOf(template: string, isBinary = false): MessageSource {
  const format = { template: parseTemplate(template, "message"), size: 0, isBinary };
  return new MessageSource(format, messageNumbers(0, 1));
}

test("connections whose messages are the same share a batch", () => {
  const source = sourceOf("%t");
  assert.equal(source.batchFor(1, 0), source.batchFor(2, 1));
});

test("a message with its group in it is shared in the group, one with its connection is not shared", () => {
  const grouped = sourceOf("%r");
  assert.equal(grouped.batchFor(1, 5), grouped.batchFor(3, 5));
  assert.notEqual(grouped.batchFor(1, 5), grouped.batchFor(1, 6));
  const own = sourceOf("%r %i");
  assert.notEqual(own.batchFor(1, 5), own.batchFor(3, 5));
});

test("messages are text or binary", () => {
  for (const [isBinary, firstByte] of [
    [false, 0x81],
    [true, 0x82],
  ] as const) {
    const socket = new FakeBatchStream();
    sourceOf("a", isBinary).batchFor(0, 0).send(socket, 1);
    assert.equal(socket.writes[0]?.[0], firstByte);
    assert.equal(unmasked(socket.writes[0] as Buffer), "a");
  }
});

test("numbers have ten digits, fit into 32 bits, and differ between processes", () => {
  const starts = [0, 1, 2].map((process) => messageNumbers(process, 3).next);
  for (const start of starts) assert.match(String(start), /^\d{10}$/);
  assert.equal(new Set(starts).size, 3);
  assert.ok(Math.max(...starts) + 3_200_000_000 / 3 < 2 ** 32);
});
