import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isBlank,
  isFieldValue,
  isToken,
  isTokenCharacter,
  isVisible,
  skipBlanks,
} from "../../../src/websocket/http-syntax.ts";

describe("HTTP's character classes", () => {
  it("has exactly the token characters of RFC 9110 §5.6.2", () => {
    const expected = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/;
    for (let code = 0; code < 300; code++) {
      assert.equal(isTokenCharacter(code), expected.test(String.fromCharCode(code)), `character ${code}`);
    }
    assert.equal(isTokenCharacter(Number.NaN), false);
  });

  it("knows a token by all of its characters", () => {
    assert.equal(isToken("permessage-deflate"), true);
    assert.equal(isToken(""), false);
    assert.equal(isToken("a b"), false);
    assert.equal(isToken("ab\r\n"), false);
    assert.equal(isToken("(ab)", 1, 3), true);
    assert.equal(isToken("ab", 1, 1), false);
  });

  it("lets nothing into a header's value that could end it or be mangled", () => {
    for (let code = 0; code < 300; code++) {
      const allowed = code === 9 || (code >= 0x20 && code !== 0x7f && code <= 0xff);
      assert.equal(isFieldValue(`a${String.fromCharCode(code)}b`), allowed, `character ${code}`);
    }
    assert.equal(isFieldValue(""), true);
  });

  it("knows what is visible in one word", () => {
    for (let code = 0; code < 300; code++) {
      assert.equal(
        isVisible(`a${String.fromCharCode(code)}b`),
        code > 0x20 && code < 0x7f,
        `character ${code}`,
      );
    }
    assert.equal(isVisible(""), false);
  });

  it("skips spaces and tabs, and nothing else, up to the end it is given", () => {
    assert.equal(isBlank(0x20) && isBlank(0x09), true);
    assert.equal(isBlank(0x0a) || isBlank(0xa0), false);
    assert.equal(skipBlanks(" \t a", 0, 4), 3);
    assert.equal(skipBlanks("    ", 0, 2), 2);
    assert.equal(skipBlanks("a", 0, 1), 0);
  });
});
