import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { findHeadEnd, HEAD_MALFORMED, HEAD_UNFINISHED } from "../../../src/websocket/head-scan.ts";
import { countedBytes } from "../../support/counted-work.ts";

function scan(text: string): number {
  const bytes = Buffer.from(text, "latin1");
  return findHeadEnd(bytes, 0, bytes.length, 0);
}

describe("findHeadEnd", () => {
  it("finds the end of the empty line, and looks no further", () => {
    assert.equal(scan("GET / HTTP/1.1\r\nA: b\r\n\r\n"), 24);
    assert.equal(scan("a\r\n\r\n\u0000\u0001\n"), 5);
    assert.equal(scan("\r\n\r\n"), 4);
  });

  it("waits as long as the empty line is not there", () => {
    for (const text of [
      "",
      "GET",
      "GET / HTTP/1.1\r",
      "GET / HTTP/1.1\r\n",
      "a\r\nb\r\n\r",
      "\r",
      "\r\n\r",
    ]) {
      assert.equal(scan(text), HEAD_UNFINISHED, JSON.stringify(text));
    }
  });

  it("refuses lone line feeds and carriage returns as soon as they are seen", () => {
    for (const text of ["a\n", "\n", "a\r\n\n", "a\rb", "a\r\r", "a\r\nb\r\rn"]) {
      assert.equal(scan(text), HEAD_MALFORMED, JSON.stringify(text));
    }
  });

  it("allows no control character but tab", () => {
    for (let code = 0; code < 256; code++) {
      if (code === 0x0d) continue;
      const allowed = code === 9 || (code >= 0x20 && code !== 0x7f);
      assert.equal(
        scan(`a${String.fromCharCode(code)}`),
        allowed ? HEAD_UNFINISHED : HEAD_MALFORMED,
        `byte ${code}`,
      );
    }
  });

  it("doesn't take bytes before the start for a line end", () => {
    const bytes = Buffer.from("\r\n\r\na\r\n\r\n");
    assert.equal(findHeadEnd(bytes, 2, bytes.length, 2), 9);
    assert.equal(findHeadEnd(Buffer.from("x\r\n\r\n"), 3, 5, 3), HEAD_UNFINISHED);
  });

  it("looks at each byte a constant number of times when a head comes byte by byte", () => {
    const text = `GET / HTTP/1.1\r\n${"X-Header: value\r\n".repeat(1000)}\r\n`;
    const counted = countedBytes(Buffer.from(text));
    for (let end = 1; end < text.length; end++) {
      assert.equal(findHeadEnd(counted.bytes, 0, end, end - 1), HEAD_UNFINISHED);
    }
    assert.equal(findHeadEnd(counted.bytes, 0, text.length, text.length - 1), text.length);
    assert.ok(counted.reads() <= text.length * 6, `${counted.reads()} reads of ${text.length} bytes`);
  });

  it("says the same however the bytes are cut", () => {
    const piece = fc.constantFrom("\r\n", "\r\n\r\n", "\r", "\n", "a", "Host: b", "\t", "\u0000");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(30)), (pieces, places) => {
        const bytes = Buffer.from(pieces.join(""), "latin1");
        const whole = findHeadEnd(bytes, 0, bytes.length, 0);
        let cutResult = HEAD_UNFINISHED;
        let before = 0;
        for (const end of [
          ...places.filter((place) => place <= bytes.length).sort((a, b) => a - b),
          bytes.length,
        ]) {
          if (cutResult === HEAD_UNFINISHED) cutResult = findHeadEnd(bytes, 0, end, before);
          before = end;
        }
        assert.equal(cutResult, whole);
      }),
      { numRuns: 2000 },
    );
  });
});
