import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeValue, encodedBytes, encodeValue, nothing } from "../../../../src/pools/cache/cache-value.ts";

const MAX = 1_000_000;

describe("encodeValue and decodeValue", () => {
  it("give back whatever JSON can carry", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = decodeValue(encodeValue(value, MAX));
        // Which has no -0.
        const throughJson = (given: unknown): unknown => JSON.parse(JSON.stringify(given));
        assert.deepEqual(throughJson(copy), throughJson(value));
      }),
    );
  });

  it("give back bytes, apart from those that were given", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const encoded = encodeValue(bytes, 3);
    bytes[0] = 9;
    const copy = decodeValue(encoded) as Uint8Array;
    assert.deepEqual(copy, new Uint8Array([1, 2, 3]));
    copy[0] = 9;
    assert.deepEqual(decodeValue(encoded), new Uint8Array([1, 2, 3]));
  });

  it("give back what rows are made of", () => {
    const row = {
      id: 2n ** 63n,
      at: new Date("2026-01-02T03:04:05.678Z"),
      mean: Number.NaN,
      most: Number.POSITIVE_INFINITY,
      least: -0,
      picture: Buffer.from("abc"),
      note: undefined,
    };
    const copy = decodeValue(encodeValue([row, { plain: 1 }], MAX));
    const { note: _, ...there } = row;
    assert.deepEqual(copy, [{ ...there, picture: new Uint8Array([97, 98, 99]) }, { plain: 1 }]);
    for (const value of [row.at, row.id, row.mean])
      assert.deepEqual(decodeValue(encodeValue(value, MAX)), value);
  });

  it("give back nothing for nothing", () => {
    assert.equal(decodeValue(nothing), undefined);
  });

  it("don't make a prototype of a member of that name", () => {
    const value = JSON.parse('{"__proto__": {"admin": true}}');
    const copy = decodeValue(encodeValue(value, MAX)) as { admin?: boolean };
    assert.equal(copy.admin, undefined);
    assert.deepEqual(Object.keys(copy), ["__proto__"]);
  });
});

describe("encodeValue", () => {
  it("says where it is that can't be kept", () => {
    const value = { rows: [{}, { at: { when: new Set() } }] };
    assert.throws(() => encodeValue(value, MAX), {
      code: "SLUICE_UNCACHEABLE",
      message: /its \.rows\[1\]\.at\.when is of type Set/,
    });
    assert.throws(() => encodeValue(new Map(), MAX), { message: /the value is of type Map/ });
  });

  it("shows no more of the path than is of use", () => {
    const deep = JSON.parse(`${'{"name":'.repeat(50)}1${"}".repeat(50)}`);
    let inner = deep;
    while (typeof inner.name === "object") inner = inner.name;
    inner.name = Symbol();
    assert.throws(
      () => encodeValue(deep, MAX),
      (error: Error) => error.message.length < 300,
    );
  });

  it("refuses a date that isn't valid", () => {
    assert.throws(() => encodeValue({ at: new Date(Number.NaN) }, MAX), {
      code: "SLUICE_UNCACHEABLE",
      message: /its \.at is a date that isn't valid/,
    });
  });

  it("takes objects of classes by what is in them", () => {
    class Row {
      id = 1;
    }
    assert.deepEqual(decodeValue(encodeValue(new Row(), MAX)), { id: 1 });
    assert.deepEqual(decodeValue(encodeValue(Object.create(null), MAX)), {});
  });

  it("refuses what is nested too deeply before the stack ends", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    assert.throws(() => encodeValue(deep, MAX), { code: "SLUICE_UNCACHEABLE", message: /too deeply/ });
  });

  it("looks at no more of what is too large than it has to", () => {
    let looks = 0;
    const large = Array.from({ length: 1_000 }, () =>
      Object.defineProperty({}, "a", { enumerable: true, get: () => ++looks }),
    );
    assert.throws(() => encodeValue(large, 100), { code: "SLUICE_UNCACHEABLE", message: /larger/ });
    assert.ok(looks < 100, `${looks}`);
  });

  it("counts bytes in UTF-8", () => {
    encodeValue("é".repeat(10), 22);
    assert.throws(() => encodeValue("é".repeat(10), 21), { code: "SLUICE_UNCACHEABLE" });
    assert.throws(() => encodeValue(new Uint8Array(22), 21), { code: "SLUICE_UNCACHEABLE" });
    assert.throws(() => encodeValue({ a: new Uint8Array(90) }, 100), { code: "SLUICE_UNCACHEABLE" });
    assert.throws(() => encodeValue([10n ** 100n], 100), { code: "SLUICE_UNCACHEABLE" });
    assert.equal(encodedBytes(encodeValue("é", 100)), 4);
    assert.equal(encodedBytes(encodeValue(new Uint8Array(7), 100)), 7);
  });
});
