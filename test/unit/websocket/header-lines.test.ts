import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headerLines } from "../../../src/websocket/header-lines.ts";

const reserved = new Set(["upgrade"]);

describe("headerLines", () => {
  it("writes each header as a line", () => {
    assert.equal(
      headerLines({ "X-A": "1", "Set-Cookie": "a=b; Path=/" }, reserved),
      "X-A: 1\r\nSet-Cookie: a=b; Path=/\r\n",
    );
    assert.equal(headerLines({}, reserved), "");
  });

  it("refuses names that aren't tokens", () => {
    for (const name of ["", "a b", "a:", "a\r\nb", "ä"]) {
      assert.throws(() => headerLines({ [name]: "1" }, reserved), TypeError, name);
    }
  });

  it("refuses reserved names in any case", () => {
    assert.throws(() => headerLines({ UpGrade: "h2c" }, reserved), TypeError);
  });

  it("refuses values that would break out of their line, or that aren't Latin-1 text", () => {
    for (const value of ["a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\u0000", "\u{1f30a}"]) {
      assert.throws(() => headerLines({ A: value }, reserved), TypeError, value);
    }
    const notText = { A: 1 } as unknown as Record<string, string>;
    assert.throws(() => headerLines(notText, reserved), TypeError);
  });
});
