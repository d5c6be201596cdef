import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { printable, printableText, quoted } from "../../../src/cli/printable.ts";

const HOSTILE = [
  "\r\nforged line",
  "\x1b[2J",
  "\x1b]0;title\x07",
  "\u009b31m",
  "a\u2028b",
  "\u202edrow",
  "\u0000",
  "\u007f",
];

describe("printable", () => {
  it("leaves ordinary text of any script alone", () => {
    for (const text of ["hello", "grüße", "こんにちは", "שלום", "🙂", "a b"])
      assert.equal(printable(text), text);
  });

  it("escapes what could begin a line, move the cursor or hide something", () => {
    for (const text of HOSTILE)
      assert.doesNotMatch(printable(text), /[\p{C}\p{Zl}\p{Zp}]/u, JSON.stringify(text));
    assert.equal(printable("a\nb\tc\x1b"), "a\\nb\\tc\\x1b");
    assert.equal(printable("\u2028\u{e0001}"), "\\u2028\\u{e0001}");
    assert.equal(printable("\ud800"), "\\ud800");
  });

  it("cuts what is too long, and says how much", () => {
    assert.equal(printable("abcdef", 4), "abcd… (2 more)");
    assert.ok(printable("\x1b".repeat(1_000_000)).length < 1000);
  });
});

describe("quoted", () => {
  it("says where a text ends", () => {
    assert.equal(quoted('a" b'), '"a\\" b"');
    assert.equal(quoted("a\\"), '"a\\\\"');
  });

  it("escapes and cuts as printable does", () => {
    for (const text of HOSTILE)
      assert.doesNotMatch(quoted(text), /[\p{C}\p{Zl}\p{Zp}]/u, JSON.stringify(text));
    assert.equal(quoted("abcdef", 4), '"abcd"… (2 more)');
  });
});

describe("printableText", () => {
  it("keeps line breaks, tabs and joined emoji, and all of a long text", () => {
    const text = `one\n\ttwo 👩‍💻 ${"x".repeat(1000)}`;
    assert.equal(printableText(text), text);
  });

  it("escapes what could command a terminal", () => {
    assert.equal(printableText("\x1b[2Jgone\r"), "\\x1b[2Jgone\\r");
    assert.equal(printableText("\u202edrow"), "\\u202edrow");
  });
});
