import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TextScratch } from "../../../src/transport/text-scratch.ts";
import { describeFrames } from "../../support/server-frames.ts";

describe("TextScratch", () => {
  it("encodes a whole frame, whatever the text", () => {
    const scratch = new TextScratch();
    for (const text of [
      "",
      "a",
      "ä".repeat(40_000),
      "語".repeat(70_000),
      "x".repeat(5),
      "🌊".repeat(600_000),
    ]) {
      const [frame, ...more] = describeFrames(scratch.encode(text));
      assert.ok(frame === `text:${text}`);
      assert.equal(more.length, 0);
    }
  });

  it("uses its memory again", () => {
    const scratch = new TextScratch();
    const { buffer } = scratch.encode("x".repeat(100_000));
    assert.equal(scratch.encode("y".repeat(100_000)).buffer, buffer);
    assert.equal(scratch.encode("z".repeat(10)).buffer, buffer);
  });

  it("leaves to a write that isn't done what it has encoded", () => {
    const scratch = new TextScratch();
    const pending = scratch.encode("x".repeat(1_000));
    scratch.retain();
    scratch.encode("y".repeat(1_000));
    assert.deepEqual(describeFrames(pending), [`text:${"x".repeat(1_000)}`]);
  });

  it("keeps no memory for a text that is very large", () => {
    const scratch = new TextScratch();
    const { buffer } = scratch.encode("x".repeat(2_000_000));
    assert.notEqual(scratch.encode("y").buffer, buffer);
  });
});
