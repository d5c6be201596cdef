import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isThenable } from "../../../src/internal/thenable.ts";

describe("isThenable", () => {
  it("holds for promises of any kind", () => {
    assert.equal(isThenable(Promise.resolve()), true);
    // biome-ignore lint/suspicious/noThenProperty: what a promise of another library looks like
    assert.equal(isThenable({ then() {} }), true);
  });

  it("does not hold for anything else", () => {
    // biome-ignore lint/suspicious/noThenProperty: what only looks like a promise
    for (const value of [undefined, null, 1, "then", true, {}, { then: 1 }, () => {}]) {
      assert.equal(isThenable(value), false);
    }
  });
});
