import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkKey, checkKeys, MAX_KEY_BYTES } from "../../../../src/pools/cache/cache-key.ts";

describe("checkKey", () => {
  it("takes strings of 1 byte to the most", () => {
    for (const key of ["a", "é", "🌍", "x".repeat(MAX_KEY_BYTES), "é".repeat(MAX_KEY_BYTES / 2)])
      checkKey(key);
  });

  for (const [what, key, says] of [
    ["an empty string", "", /an empty string/],
    ["one that is too long", "x".repeat(MAX_KEY_BYTES + 1), /of 1025 bytes/],
    ["one that is too long in UTF-8", "é".repeat(MAX_KEY_BYTES / 2 + 1), /of 1026 bytes/],
    ["half of a surrogate pair", "a\ud800", /not well-formed/],
    ["a number", 1, /type number/],
    ["null", null, /null/],
    ["undefined", undefined, /type undefined/],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => checkKey(key), { code: "SLUICE_INVALID_KEY", message: says });
    });
  }
});

describe("checkKeys", () => {
  it("gives the keys in an array of their own", () => {
    const keys = ["a", "b"];
    const checked = checkKeys(keys);
    assert.deepEqual(checked, keys);
    assert.notEqual(checked, keys);
  });

  it("refuses them all if one is none", () => {
    assert.throws(() => checkKeys(["a", ""]), { code: "SLUICE_INVALID_KEY" });
  });
});
