import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCodes } from "../../../src/errors/index.ts";

describe("errorCodes", () => {
  it("prefixes every code", () => {
    const codes = Object.keys(errorCodes);
    assert.ok(codes.length > 0);
    for (const code of codes) assert.match(code, /^SLUICE(_[A-Z]+)+$/);
  });

  it("has a sentence for each, with well-formed places", () => {
    for (const [code, sentence] of Object.entries(errorCodes)) {
      assert.match(sentence, /^[A-Z].*\.$/, code);
      assert.doesNotMatch(sentence.replace(/\{[a-z][a-zA-Z]*\}/g, ""), /[{}]/, code);
    }
  });

  it("cannot be changed", () => {
    assert.ok(Object.isFrozen(errorCodes));
  });
});
