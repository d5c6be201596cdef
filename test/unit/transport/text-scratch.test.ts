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
    const lent = scratch.lend(pending);
    const other = scratch.encode("y".repeat(1_000));
    assert.deepEqual(describeFrames(pending), [`text:${"x".repeat(1_000)}`]);
    assert.equal(lent?.buffer, pending.buffer);
    if (lent !== null) scratch.giveBack(lent);
    scratch.lend(other);
    assert.equal(scratch.encode("z".repeat(1_000)).buffer, pending.buffer, "then it uses it again");
  });

  it("keeps a few of those that it is given back", () => {
    const scratch = new TextScratch();
    const all = Array.from({ length: 10 }, () => {
      const lent = scratch.lend(scratch.encode("x".repeat(1_000)));
      assert.ok(lent !== null);
      return lent;
    });
    assert.equal(new Set(all.map(({ buffer }) => buffer)).size, 10);
    for (const lent of all) scratch.giveBack(lent);
    let kept = 0;
    for (let count = 0; count < 10; count++) {
      const frame = scratch.encode("y".repeat(1_000));
      if (all.some((lent) => lent.buffer === frame.buffer)) kept++;
      scratch.lend(frame);
    }
    assert.ok(kept > 0 && kept <= 4, String(kept));
  });

  it("lends nothing for a text that is very large, which has memory of its own", () => {
    const scratch = new TextScratch();
    const { buffer } = scratch.encode("x".repeat(1_000));
    assert.equal(scratch.lend(scratch.encode("y".repeat(2_000_000))), null);
    assert.equal(scratch.encode("z").buffer, buffer);
  });

  it("keeps no memory for a text that is very large", () => {
    const scratch = new TextScratch();
    const { buffer } = scratch.encode("x".repeat(2_000_000));
    assert.notEqual(scratch.encode("y").buffer, buffer);
  });
});
