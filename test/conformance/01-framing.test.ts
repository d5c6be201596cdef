import { describe, it } from "node:test";
import { assertEvents, binary, text } from "../support/decoder-harness.ts";

// RFC 6455 §5.2: payload lengths of 7, 16 and 64 bits, and the borders between them.
const LENGTHS = [0, 125, 126, 127, 128, 65_535, 65_536, 65_536];

describe("framing: text messages", () => {
  LENGTHS.forEach((length, index) => {
    it(`1.1.${index + 1} a text message of ${length} bytes`, () => {
      const payload = "*".repeat(length);
      assertEvents([text(payload)], [["message", payload]]);
    });
  });
});

describe("framing: binary messages", () => {
  LENGTHS.forEach((length, index) => {
    it(`1.2.${index + 1} a binary message of ${length} bytes`, () => {
      const payload = Buffer.alloc(length, 0xfe);
      assertEvents([binary(payload)], [["message", payload]]);
    });
  });
});

describe("framing: messages in a row", () => {
  it("all lengths one after the other, text and binary in turns", () => {
    const frames = LENGTHS.flatMap((length) => [
      text("*".repeat(length)),
      binary(Buffer.alloc(length, 0xfe)),
    ]);
    assertEvents(
      frames,
      LENGTHS.flatMap((length) => [
        ["message", "*".repeat(length)] as const,
        ["message", Buffer.alloc(length, 0xfe)] as const,
      ]),
    );
  });

  it("every length around the borders, with a payload in which each byte is another", () => {
    for (const border of [125, 65_535]) {
      for (let length = border - 2; length <= border + 3; length++) {
        const payload = Buffer.from(
          Array.from({ length }, (_, index) => (index * 167 + (index >> 8)) & 0xff),
        );
        assertEvents(
          [binary(payload), binary(payload)],
          [
            ["message", payload],
            ["message", payload],
          ],
        );
      }
    }
  });
});
