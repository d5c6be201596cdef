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
    const lent = scratch.lend();
    scratch.encode("y".repeat(1_000));
    assert.deepEqual(describeFrames(pending), [`text:${"x".repeat(1_000)}`]);
    scratch.giveBack(lent);
    scratch.lend();
    assert.equal(scratch.encode("z".repeat(1_000)).buffer, pending.buffer, "then it uses it again");
  });

  it("keeps a few of those that it is given back", () => {
    const scratch = new TextScratch();
    const all = Array.from({ length: 10 }, () => {
      scratch.encode("x".repeat(1_000));
      return scratch.lend();
    });
    assert.equal(new Set(all.map(({ buffer }) => buffer)).size, 10);
    for (const lent of all) scratch.giveBack(lent);
    let kept = 0;
    for (let count = 0; count < 10; count++) {
      const { buffer } = scratch.encode("y".repeat(1_000));
      if (all.some((lent) => lent.buffer === buffer)) kept++;
      scratch.lend();
    }
    assert.ok(kept > 0 && kept <= 4, String(kept));
  });

  it("lends, and forgets, the memory of a text that is very large", () => {
    const scratch = new TextScratch();
    const { buffer } = scratch.encode("x".repeat(1_000));
    const large = scratch.encode("y".repeat(2_000_000));
    const lent = scratch.lend();
    assert.equal(lent.buffer, large.buffer);
    scratch.giveBack(lent);
    assert.equal(scratch.encode("z").buffer, buffer);
  });

  it("keeps no memory for a text that is very large", () => {
    const scratch = new TextScratch();
    const { buffer } = scratch.encode("x".repeat(2_000_000));
    assert.notEqual(scratch.encode("y").buffer, buffer);
  });
});
