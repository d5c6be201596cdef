import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeValue, nothing } from "../../../../../src/pools/cache/cache-value.ts";
import { HEADER_BYTES, headerOf, pack, unpack } from "../../../../../src/pools/cache/redis/envelope.ts";

const bytesOf = (packed: string | Buffer): Buffer =>
  typeof packed === "string" ? Buffer.from(packed) : packed;

describe("pack and unpack", () => {
  it("give back every kind of value, and its times", () => {
    const now = Date.now();
    for (const value of [
      encodeValue({ a: "é🌍" }, 100),
      encodeValue(null, 100),
      nothing,
      encodeValue(new Uint8Array(3), 9),
    ]) {
      const entry = { value, softAt: now + 0.5, hardAt: now + 10 };
      const unpacked = unpack(bytesOf(pack(entry)));
      assert.equal(unpacked?.value.kind, value.kind);
      assert.deepEqual([...(unpacked?.value.payload ?? "-")], [...value.payload]);
      assert.deepEqual([unpacked?.softAt, unpacked?.hardAt], [now + 1, now + 10]);
    }
  });

  it("begin with the same header as an entry that was read", () => {
    const entry = { value: nothing, softAt: 1.2, hardAt: 2 ** 41 };
    const packed = bytesOf(pack(entry));
    const unpacked = unpack(packed);
    assert.equal(headerOf(entry).length, HEADER_BYTES);
    assert.ok(unpacked !== undefined);
    assert.equal(headerOf(unpacked), headerOf(entry));
    assert.equal(packed.toString("latin1", 0, HEADER_BYTES), headerOf(entry));
  });
});

describe("unpack", () => {
  it("takes nothing for an entry that is none, and never throws", () => {
    for (const stranger of [
      null,
      undefined,
      "s1",
      7,
      [],
      Buffer.from(""),
      Buffer.from("s1"),
      Buffer.from("x".repeat(50)),
    ])
      assert.equal(unpack(stranger), undefined);
    assert.equal(unpack(Buffer.from(`s1x${"0".repeat(18)}`)), undefined);
    assert.equal(unpack(Buffer.from(`s1j${"-".repeat(18)}`)), undefined);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void unpack(Buffer.from(bytes))));
  });
});
