import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { findField, joinFields, splitFields } from "../../../src/websocket/header-fields.ts";
import { countCharacterReads } from "../../support/counted-work.ts";

const text = "GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nx-list: 1\r\nX-LIST:\t2 \r\n__proto__: p\r\n";
const at = "GET / HTTP/1.1\r\n".length;

describe("header fields", () => {
  it("splits lines into names as sent and values without the blanks around them", () => {
    assert.deepEqual(splitFields(text, at, 100), [
      ...["Host", "a"],
      ...["X-Empty", ""],
      ...["x-list", "1"],
      ...["X-LIST", "2"],
      ...["__proto__", "p"],
    ]);
    assert.deepEqual(splitFields("", 0, 0), []);
    assert.deepEqual(splitFields("A: b:c \t d\r\n", 0, 1), ["A", "b:c \t d"]);
    assert.deepEqual(splitFields("A:  \t \r\n", 0, 1), ["A", ""]);
  });

  it("takes so many and no more", () => {
    assert.equal(typeof splitFields(text, at, 5), "object");
    assert.equal(splitFields(text, at, 4), "too-many");
  });

  for (const line of [
    " folded: a",
    "\tfolded: a",
    "no colon",
    "",
    ": no name",
    "Name : a",
    "Na me: a",
    "N(a): b",
    "Ä: b",
  ]) {
    it(`takes ${JSON.stringify(line)} for malformed`, () => {
      assert.equal(splitFields(`A: b\r\n${line}\r\nC: d\r\n`, 0, 100), "malformed");
    });
  }

  it("finds the first field of a name, in any case", () => {
    assert.equal(findField(text, at, "host"), "a");
    assert.equal(findField(text, at, "x-list"), "1");
    assert.equal(findField(text, at, "x-empty"), "");
    assert.equal(findField(text, at, "__proto__"), "p");
  });

  it("finds nothing that isn't a field's whole name", () => {
    for (const name of ["hos", "ost", "a", "", "get / http/1.1", "constructor", "x-list: 1"]) {
      assert.equal(findField(text, at, name), undefined, name);
    }
  });

  it("joins the fields of a list", () => {
    assert.equal(joinFields(text, at, "x-list"), "1, 2");
    assert.equal(joinFields(text, at, "host"), "a");
    assert.equal(joinFields(text, at, "none"), undefined);
  });

  it("looks at each character a constant number of times", () => {
    for (const count of [100, 400, 1600]) {
      const lines = `X-Header:${" ".repeat(20)}value${" ".repeat(20)}\r\n`.repeat(count);
      const reads = countCharacterReads(() => splitFields(lines, 0, count));
      assert.ok(reads <= lines.length * 2, `${reads} reads of ${lines.length} characters`);
    }
  });

  it("gives back any fields that are written as lines", () => {
    const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/);
    const value = fc.stringMatching(/^([!-~\xa1-\xff]([ \t!-~\xa1-\xff]{0,20}[!-~])?)?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (fields) => {
        const lines = fields.map(([key, content]) => `${key}: ${content}\r\n`).join("");
        assert.deepEqual(splitFields(lines, 0, 1000), fields.flat());
        for (const [key] of fields) {
          const first = fields.find(([other]) => other.toLowerCase() === key.toLowerCase());
          assert.equal(findField(lines, 0, key.toLowerCase()), first?.[1]);
        }
      }),
    );
  });
});
