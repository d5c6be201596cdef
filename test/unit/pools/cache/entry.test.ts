import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeValue, nothing } from "../../../../src/pools/cache/cache-value.ts";
import { Copies, freshness } from "../../../../src/pools/cache/entry.ts";

describe("freshness", () => {
  const entry = { value: nothing, softAt: 10, hardAt: 20 };
  it("is fresh, stale, and gone, each from its moment on", () => {
    assert.equal(freshness(entry, 9), "fresh");
    assert.equal(freshness(entry, 10), "stale");
    assert.equal(freshness(entry, 19), "stale");
    assert.equal(freshness(entry, 20), "gone");
    assert.equal(freshness(undefined, 0), "gone");
  });
});

describe("Copies", () => {
  it("gives each his own", () => {
    const copies = Copies.of(encodeValue({ a: 1 }, 100));
    const taken = [copies?.take(), copies?.take(), copies?.take()];
    assert.equal(new Set(taken).size, 3);
    for (const copy of taken) assert.deepEqual(copy, { a: 1 });
  });

  it("gives nothing as often as it is asked", () => {
    const copies = Copies.of(nothing);
    assert.notEqual(copies, undefined);
    assert.equal(copies?.take(), undefined);
    assert.equal(copies?.take(), undefined);
  });

  it("isn't made of what can't be read", () => {
    assert.equal(Copies.of({ kind: "json", payload: "{" }), undefined);
    assert.equal(Copies.of(undefined), undefined);
  });
});
