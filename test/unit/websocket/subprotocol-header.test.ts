import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseSubprotocols } from "../../../src/websocket/subprotocol-header.ts";
import { countCharacterReads } from "../../support/counted-work.ts";

describe("parseSubprotocols", () => {
  it("keeps the order of the list", () => {
    assert.deepEqual(parseSubprotocols("chat"), ["chat"]);
    assert.deepEqual(parseSubprotocols("b, a,c"), ["b", "a", "c"]);
    assert.deepEqual(parseSubprotocols(" \tb \t,\ta "), ["b", "a"]);
    assert.deepEqual(parseSubprotocols("A, a"), ["A", "a"]);
    assert.deepEqual(parseSubprotocols("__proto__, constructor"), ["__proto__", "constructor"]);
  });

  for (const value of [
    "",
    " ",
    ",",
    "a,",
    ",a",
    "a,,b",
    "a b",
    "a;b",
    'a, "b"',
    "a, b/c",
    "a, ä",
    "a, a",
    "a\u0000",
  ]) {
    it(`takes ${JSON.stringify(value)} for malformed`, () => {
      assert.equal(parseSubprotocols(value), undefined);
    });
  }

  it("takes a hundred names and no more", () => {
    const names = Array.from({ length: 101 }, (_, index) => `p${index}`);
    assert.equal(parseSubprotocols(names.slice(0, 100).join(","))?.length, 100);
    assert.equal(parseSubprotocols(names.join(",")), undefined);
  });

  it("looks at each character a constant number of times, whatever it is", () => {
    for (const size of [1000, 4000, 16000]) {
      for (const value of [
        `b${" ".repeat(size)}x`,
        " ".repeat(size),
        "b".repeat(size),
        `a${"\t ".repeat(size / 2)},`,
      ]) {
        const reads = countCharacterReads(() => parseSubprotocols(value));
        assert.ok(reads <= value.length * 2 + 10, `${reads} reads of ${value.length} characters`);
      }
    }
  });

  it("gives back any list of different tokens", () => {
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(token, { minLength: 1, maxLength: 100 }),
        fc.constantFrom(",", ", ", " ,\t"),
        (names, comma) => {
          assert.deepEqual(parseSubprotocols(names.join(comma)), names);
        },
      ),
    );
  });
});
