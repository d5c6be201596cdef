import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { needsTag, parseTagged, stringifyTagged } from "../../../../src/pools/cache/tagged-json.ts";

const names = fc.constantFrom(
  "$date",
  "$bigint",
  "$bytes",
  "$number",
  "$$date",
  "$",
  "$other",
  "a",
  "__proto__",
);
const leaves = fc.oneof(
  fc.date({ noInvalidDate: true }),
  fc.bigInt(),
  fc.uint8Array(),
  fc.double(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaves,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(names, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

describe("tagged JSON", () => {
  it("brings back whatever it is given, also what looks like a tag", () => {
    fc.assert(
      fc.property(tree, (value) => assert.deepStrictEqual(parseTagged(stringifyTagged(value)), value)),
    );
  });

  it("is JSON that a person can read", () => {
    const row = { id: 5n, at: new Date(0), mean: Number.NaN, bytes: new Uint8Array([255]), $a: 1 };
    assert.equal(
      stringifyTagged(row),
      '{"id":{"$bigint":"5"},"at":{"$date":0},"mean":{"$number":"NaN"},"bytes":{"$bytes":"/w=="},"$a":1}',
    );
    assert.equal(stringifyTagged({ $date: 0 }), '{"$$date":0}');
  });

  it("takes no more of a buffer than was given", () => {
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    assert.deepEqual(parseTagged(stringifyTagged([part])), [new Uint8Array([2, 3])]);
  });

  it("leaves out members that are undefined before it counts them", () => {
    assert.deepEqual(parseTagged(stringifyTagged({ $date: 1, gone: undefined })), { $date: 1 });
  });

  it("knows what needs a tag", () => {
    for (const value of [new Date(0), 1n, Number.NaN, Number.NEGATIVE_INFINITY, -0, Buffer.alloc(1)])
      assert.ok(needsTag(value));
    for (const value of [0, 1, "a", null, undefined, true, {}, [], new Map()]) assert.ok(!needsTag(value));
  });
});
