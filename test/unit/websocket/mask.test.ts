import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { nonAscii, readMaskingKey, rotateMaskingKey, unmask } from "../../../src/websocket/mask.ts";

/** RFC 6455 §5.3, letter by letter. */
function unmaskPlainly(payload: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(payload.map((octet, index) => octet ^ (key[index % 4] as number)));
}

const keys = fc.uint8Array({ minLength: 4, maxLength: 4 });
const payloads = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 300, size: "max" }));

describe("unmask", () => {
  it("does what RFC 6455 §5.3 says, in place, wherever the payload lies", () => {
    fc.assert(
      fc.property(payloads, keys, fc.nat({ max: 9 }), fc.nat({ max: 9 }), (payload, key, offset, before) => {
        // A view that doesn't begin on a word of its memory, as subarrays of a read don't.
        const memory = new Uint8Array(offset + before + payload.length + 9).fill(0xaa);
        const bytes = Buffer.from(memory.buffer, offset, before + payload.length + 7);
        bytes.set(payload, before);
        const seen = unmask(bytes, before, before + payload.length, readMaskingKey(Buffer.from(key), 0));
        const expected = unmaskPlainly(payload, key);
        assert.deepEqual(bytes.subarray(before, before + payload.length), expected);
        assert.equal(
          seen !== 0,
          expected.some((octet) => octet > 0x7f),
        );
        const outside = [
          ...memory.subarray(0, offset + before),
          ...memory.subarray(offset + before + payload.length),
        ];
        assert.ok(
          outside.every((octet) => octet === 0xaa),
          "nothing else is touched",
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("tells a single byte that isn't ASCII, wherever it is", () => {
    for (let at = 0; at < 100; at++) {
      const bytes = Buffer.alloc(100, "a");
      assert.equal(unmask(bytes, 0, 100, 0), 0);
      bytes[at] = 0x80;
      assert.notEqual(unmask(bytes, 0, 100, 0), 0, String(at));
    }
  });

  it("works on one buffer after the other", () => {
    for (let count = 0; count < 10; count++) {
      const bytes = Buffer.alloc(64 + count, count);
      unmask(bytes, 0, bytes.length, 0x01010101);
      assert.ok(bytes.every((octet) => octet === (count ^ 1)));
    }
  });
});

describe("rotateMaskingKey", () => {
  it("lets a payload be unmasked in pieces", () => {
    fc.assert(
      fc.property(payloads, keys, fc.array(fc.nat({ max: 300 })), (payload, key, cuts) => {
        const bytes = Buffer.from(payload);
        const places = [
          0,
          ...cuts.filter((place) => place <= payload.length).sort((a, b) => a - b),
          payload.length,
        ];
        let turned = readMaskingKey(Buffer.from(key), 0);
        for (let piece = 1; piece < places.length; piece++) {
          const [start, end] = [places[piece - 1] as number, places[piece] as number];
          unmask(bytes, start, end, turned);
          turned = rotateMaskingKey(turned, end - start);
        }
        assert.deepEqual(bytes, unmaskPlainly(payload, key));
      }),
      { numRuns: 300 },
    );
  });
});

describe("nonAscii", () => {
  it("looks at the range, and only at that", () => {
    const bytes = Buffer.from("äbcdä", "latin1");
    assert.equal(nonAscii(bytes, 1, 4), 0);
    assert.notEqual(nonAscii(bytes, 0, 4), 0);
    assert.notEqual(nonAscii(bytes, 1, 5), 0);
    assert.equal(nonAscii(bytes, 2, 2), 0);
  });
});
