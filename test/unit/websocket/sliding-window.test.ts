import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SlidingWindow } from "../../../src/websocket/sliding-window.ts";

describe("SlidingWindow", () => {
  it("holds nothing, and takes no memory, before the first message", () => {
    const window = new SlidingWindow(15);
    assert.equal(window.content.length, 0);
    assert.equal(window.allocatedBytes, 0);
  });

  it("holds the last bytes of all that it was given", () => {
    const message = fc.uint8Array({ maxLength: 700 });
    fc.assert(
      fc.property(fc.constantFrom(8, 9), fc.array(message, { maxLength: 12 }), (windowBits, messages) => {
        const window = new SlidingWindow(windowBits);
        let all = Buffer.alloc(0);
        for (const bytes of messages) {
          window.append(bytes);
          all = Buffer.concat([all, bytes]);
          assert.deepEqual(window.content, all.subarray(-(2 ** windowBits)));
        }
      }),
    );
  });

  it("grows with what it holds, to its size and no further", () => {
    const window = new SlidingWindow(15);
    window.append(Buffer.alloc(10));
    assert.ok(window.allocatedBytes <= 512);
    for (let round = 0; round < 100; round++) window.append(Buffer.alloc(1000));
    assert.equal(window.allocatedBytes, 32_768);
    window.append(Buffer.alloc(1_000_000));
    assert.equal(window.allocatedBytes, 32_768);
  });

  it("keeps a copy, so that the message may be changed", () => {
    const window = new SlidingWindow(8);
    const message = Buffer.from("before");
    window.append(message);
    message.write("after!");
    assert.equal(window.content.toString(), "before");
  });
});
