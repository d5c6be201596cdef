import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isValidUtf8, Utf8Validator } from "../../../src/websocket/utf8-validator.ts";

const padding = Buffer.alloc(100, "a");

/** Bytes, and how many of them can begin valid UTF-8. */
const invalid: [name: string, bytes: number[], validPrefix: number][] = [
  ["a continuation byte with nothing to continue", [0x80], 0],
  ["two-byte overlong form", [0xc0, 0xaf], 0],
  ["highest two-byte overlong form", [0xc1, 0xbf], 0],
  ["three-byte overlong form", [0xe0, 0x9f, 0xbf], 1],
  ["four-byte overlong form", [0xf0, 0x8f, 0xbf, 0xbf], 1],
  ["first surrogate", [0xed, 0xa0, 0x80], 1],
  ["last surrogate", [0xed, 0xbf, 0xbf], 1],
  ["U+110000", [0xf4, 0x90, 0x80, 0x80], 1],
  ["lead byte of five bytes", [0xf8, 0x88, 0x80, 0x80, 0x80], 0],
  ["0xFE", [0xfe], 0],
  ["0xFF", [0xff], 0],
  ["a character cut off by an ASCII one", [0xe2, 0x82, 0x41], 2],
  ["a character cut off by another lead byte", [0xe2, 0xe2, 0x82, 0xac], 1],
];

const valid: [name: string, text: string][] = [
  ["nothing", ""],
  ["ASCII", "Hello"],
  ["NUL and DEL", "\u0000\u007f"],
  ["the borders of two bytes", "\u0080\u07ff"],
  ["the borders of three bytes", "\u0800\uffff"],
  ["the borders of the surrogates", "\ud7ff\ue000"],
  ["the borders of four bytes", "\u{10000}\u{10ffff}"],
];

describe("Utf8Validator", () => {
  for (const [name, bytes, validPrefix] of invalid) {
    it(`fails at the first invalid byte: ${name}`, () => {
      const validator = new Utf8Validator();
      bytes.slice(0, validPrefix).forEach((byte) => {
        assert.equal(validator.write(Buffer.of(byte), 0, 1), true);
      });
      assert.equal(validator.write(Buffer.of(bytes[validPrefix] ?? 0), 0, 1), false);
    });

    it(`fails wherever it stands in a long piece: ${name}`, () => {
      for (const after of [0, 1, 2, 3, 100]) {
        const piece = Buffer.concat([padding, Buffer.from(bytes), padding.subarray(0, after)]);
        const validator = new Utf8Validator();
        assert.equal(validator.write(piece, 0, piece.length) && validator.complete, false);
      }
    });
  }

  for (const [name, text] of valid) {
    it(`takes ${name}, byte by byte and in a long piece`, () => {
      const bytes = Buffer.from(text);
      const validator = new Utf8Validator();
      for (let at = 0; at < bytes.length; at++) assert.equal(validator.write(bytes, at, at + 1), true);
      assert.equal(validator.complete, true);
      const long = Buffer.concat([padding, bytes, padding]);
      assert.equal(validator.write(long, 0, long.length), true);
      assert.equal(validator.complete, true);
    });
  }

  it("is incomplete in the middle of a character, and complete at its end", () => {
    const validator = new Utf8Validator();
    const bytes = Buffer.from("\u{1f30a}");
    for (let at = 0; at < 4; at++) {
      assert.equal(validator.complete, at === 0);
      assert.equal(validator.write(bytes, at, at + 1), true);
    }
    assert.equal(validator.complete, true);
  });

  it("stays failed until it is reset", () => {
    const validator = new Utf8Validator();
    assert.equal(validator.write(Buffer.of(0xff), 0, 1), false);
    assert.equal(validator.write(Buffer.from("a"), 0, 1), false);
    assert.equal(validator.write(padding, 0, padding.length), false);
    assert.equal(validator.write(padding, 0, 0), false);
    validator.reset();
    assert.equal(validator.write(padding, 0, padding.length), true);
    assert.equal(validator.complete, true);
  });

  it("looks at nothing outside the range that it is given", () => {
    const bytes = Buffer.concat([Buffer.of(0xff), padding, Buffer.of(0xff)]);
    assert.equal(new Utf8Validator().write(bytes, 1, bytes.length - 1), true);
    assert.equal(isValidUtf8(bytes, 1, 10), true);
    assert.equal(isValidUtf8(bytes, 1, bytes.length - 1), true);
    assert.equal(isValidUtf8(bytes, 0, bytes.length - 1), false);
  });

  it("says of any bytes what node says of them, however they are cut", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: "binary", maxLength: 100 }).map((text) => Buffer.from(text)),
      // Text with one byte changed: mostly valid around a fault.
      fc
        .tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 100 }), fc.nat(), fc.nat(255))
        .map(([text, place, byte]) => {
          const changed = Buffer.from(text);
          changed[place % changed.length] = byte;
          return changed;
        }),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(400), { maxLength: 6 }), (input, places) => {
        const whole = Buffer.from(input);
        const cuts = [
          0,
          ...places.filter((place) => place <= whole.length).sort((a, b) => a - b),
          whole.length,
        ];
        const validator = new Utf8Validator();
        const taken = cuts.slice(1).every((end, index) => validator.write(whole, cuts[index] ?? 0, end));
        assert.equal(taken && validator.complete, isUtf8(whole));
        assert.equal(isValidUtf8(whole, 0, whole.length), isUtf8(whole));
      }),
      { numRuns: 2000 },
    );
  });
});
