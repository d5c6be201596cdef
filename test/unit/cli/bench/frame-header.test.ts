import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameHeader } from "../../../../src/cli/bench/frame-header.ts";

function read(...bytes: number[]): FrameHeader {
  const header = new FrameHeader();
  const complete = bytes.map((byte) => header.read(byte));
  assert.equal(complete.indexOf(true), bytes.length - 1);
  assert.ok(header.isBlank);
  return header;
}

test("a length in one byte", () => {
  const header = read(0x81, 125);
  assert.equal(header.payloadBytes, 125);
  assert.equal(header.opcode, 1);
  assert.ok(header.isFinal && !header.isControl);
});

test("a length in two bytes", () => assert.equal(read(0x82, 126, 0x12, 0x34).payloadBytes, 0x1234));

test("a length in eight bytes", () => {
  assert.equal(read(0x82, 127, 0, 0, 0x01, 0, 0, 0, 0, 2).payloadBytes, 2 ** 40 + 2);
});

test("a fragment isn't final, a ping is a control frame", () => {
  assert.ok(!read(0x01, 3).isFinal);
  assert.ok(read(0x89, 0).isControl);
});

test("the next header begins anew", () => {
  const header = read(0x82, 126, 0xff, 0xff);
  header.read(0x88);
  assert.ok(!header.isBlank);
  assert.ok(header.read(2));
  assert.equal(header.payloadBytes, 2);
  assert.equal(header.opcode, 8);
});
