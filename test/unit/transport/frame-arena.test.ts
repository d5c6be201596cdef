import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameArena } from "../../../src/transport/frame-arena.ts";

describe("FrameArena", () => {
  it("has room until it is full", () => {
    const arena = new FrameArena();
    const size = arena.bytes.length;
    assert.equal(arena.has(size), true);
    assert.equal(arena.has(size + 1), false);
    arena.end = size - 10;
    assert.equal(arena.has(10), true);
    assert.equal(arena.has(11), false);
  });

  it("uses its bytes again after a flush", () => {
    const arena = new FrameArena();
    const { bytes } = arena;
    arena.end = 100;
    arena.reset();
    assert.equal(arena.end, 0);
    assert.equal(arena.bytes, bytes);
  });

  it("leaves them to a write that isn't done, and takes others", () => {
    const arena = new FrameArena();
    const { bytes } = arena;
    arena.end = 100;
    arena.retain();
    assert.equal(arena.bytes, bytes, "until this flush is over");
    arena.reset();
    assert.notEqual(arena.bytes, bytes);
    assert.equal(arena.end, 0);
    const next = arena.bytes;
    arena.reset();
    assert.equal(arena.bytes, next, "once only");
  });
});
