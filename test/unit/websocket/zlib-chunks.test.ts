import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chunkBytes, ownBytes } from "../../../src/websocket/zlib-chunks.ts";

describe("zlib's chunks", () => {
  it("are as large as what is expected, within bounds", () => {
    assert.equal(chunkBytes(0), 64);
    assert.equal(chunkBytes(1000), 1000);
    assert.equal(chunkBytes(1e9), 65_536);
  });

  it("don't outlive a short message that was written to them", () => {
    const chunk = Buffer.allocUnsafeSlow(65_536).fill("a");
    const message = ownBytes(chunk.subarray(0, 100), chunk.length);
    assert.ok(message.buffer !== chunk.buffer);
    assert.equal(message.toString(), "a".repeat(100));
  });

  it("are not copied where little would be gained", () => {
    const chunk = Buffer.allocUnsafeSlow(65_536);
    const most = chunk.subarray(0, 40_000);
    assert.ok(ownBytes(most, chunk.length) === most);
    const pooled = Buffer.from("short");
    assert.ok(ownBytes(pooled, 1024) === pooled);
  });
});
