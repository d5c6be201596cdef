import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LineSplitter } from "../../../src/cli/line-splitter.ts";

function split(text: string, chunkBytes: number): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line.toString("latin1")));
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += chunkBytes) splitter.push(bytes.subarray(at, at + chunkBytes));
  splitter.end();
  return lines;
}

describe("LineSplitter", () => {
  it("gives the same lines however the bytes are cut", () => {
    const text = "one\ntwo\r\n\nfour\rstill four\r\n\xff\x00last";
    for (let bytes = 1; bytes <= text.length; bytes++) {
      assert.deepEqual(split(text, bytes), ["one", "two", "", "four\rstill four", "\xff\x00last"]);
    }
  });

  it("makes no line of nothing", () => {
    assert.deepEqual(split("", 1), []);
    assert.deepEqual(split("a\n", 1), ["a"]);
  });

  it("says how much of a line it holds", () => {
    const splitter = new LineSplitter(() => {});
    splitter.push(Buffer.from("a\nbcd"));
    splitter.push(Buffer.from("ef"));
    assert.equal(splitter.pendingBytes, 5);
    splitter.push(Buffer.from("\n"));
    assert.equal(splitter.pendingBytes, 0);
  });
});
