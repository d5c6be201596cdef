import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  BLANK_MARKER,
  MARKER_BYTES,
  readMarkerTime,
  writeMarkerTime,
} from "../../../../src/cli/bench/marker.ts";

const digits = Buffer.from("0123456789abcdef");

function markerOf(micros: number): Buffer {
  const bytes = Buffer.from(BLANK_MARKER);
  writeMarkerTime(bytes, 0, micros, digits);
  return bytes;
}

test("a marker is an at sign, ten hexadecimal digits of microseconds, and an at sign", () => {
  assert.equal(BLANK_MARKER.length, MARKER_BYTES);
  assert.equal(markerOf(0xab_cdef_0123).toString(), "@abcdef0123@");
  assert.equal(markerOf(255.9).toString(), "@00000000ff@");
});

test("what was written is read", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 - 1 }), fc.nat(20), (micros, at) => {
      const bytes = Buffer.concat([Buffer.alloc(at, "x"), markerOf(micros), Buffer.from("yy")]);
      assert.equal(readMarkerTime(bytes, at), micros);
    }),
  );
});

for (const text of [
  "@000000000g@",
  "@00000G0000@",
  "@0000000000x",
  "x0000000000@",
  "@@000000000@",
  "@AAAAAAAAAA@",
]) {
  test(`${text} is no marker`, () => assert.equal(readMarkerTime(Buffer.from(text), 0), -1));
}
