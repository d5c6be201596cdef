import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Opcode } from "../../src/websocket/opcode.ts";
import {
  assertEvents,
  binary,
  type DecoderEvent,
  decode,
  fragments,
  text,
} from "../support/decoder-harness.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const WHOLE = Number.POSITIVE_INFINITY;

// The suite measures time here, which a test can't; what is left is that every size gets through. Large messages are cut
// as a socket would cut them, small ones everywhere.
function chunkSizes(bytes: number): number[] {
  if (bytes <= 64 * KIB) return [WHOLE, 1, 997, 65_536];
  return bytes <= MIB ? [WHOLE, 13, 997, 65_536] : [WHOLE, 1460, 65_536];
}

/** Bytes that don't repeat soon, so that none can be taken for another. */
function pattern(bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at++) payload[at] = (at * 167 + (at >> 8) * 13 + (at >> 16)) & 0xff;
  return payload;
}

/** Text of this many bytes, with characters of several bytes in it, or only ASCII. */
function prose(bytes: number, ascii: boolean): string {
  const unit = ascii ? "BAsd7&jh23" : "BAäs€d7🌊";
  const size = Buffer.byteLength(unit);
  return unit.repeat(Math.floor(bytes / size)) + "*".repeat(bytes % size);
}

function pieces(payload: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(payload.length / size) }, (_, index) =>
    payload.subarray(index * size, (index + 1) * size),
  );
}

const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const FRAGMENTS = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const CHOPS = [64, 128, 256, 512, KIB, 2 * KIB];

describe("sizes: messages", () => {
  SIZES.forEach((bytes, index) => {
    it(`9.1.${index + 1} text of ${bytes / KIB} KiB`, () => {
      const payload = prose(bytes, index % 2 === 0);
      assertEvents([text(payload)], [["message", payload]], { chunkSizes: chunkSizes(bytes) });
    });

    it(`9.2.${index + 1} binary of ${bytes / KIB} KiB`, () => {
      const payload = pattern(bytes);
      assertEvents([binary(payload)], [["message", payload]], { chunkSizes: chunkSizes(bytes) });
    });
  });
});

describe("sizes: 4 MiB in fragments", () => {
  const payload = pattern(4 * MIB);
  const words = prose(4 * MIB, false);
  FRAGMENTS.forEach((size, index) => {
    it(`9.3.${index + 1} text in fragments of ${size} bytes`, () => {
      const parts = fragments(Opcode.text, pieces(Buffer.from(words), size));
      assertEvents(parts, [["message", words]], { chunkSizes: [WHOLE, 65_536] });
    });

    it(`9.4.${index + 1} binary in fragments of ${size} bytes`, () => {
      const parts = fragments(Opcode.binary, pieces(payload, size));
      assertEvents(parts, [["message", payload]], { chunkSizes: [WHOLE, 65_536] });
    });
  });
});

describe("sizes: 1 MiB in small chops", () => {
  const payload = pattern(MIB);
  const words = prose(MIB, false);
  CHOPS.forEach((size, index) => {
    it(`9.5.${index + 1} text in chops of ${size} bytes`, () => {
      assertEvents([text(words)], [["message", words]], { chunkSizes: [size] });
    });

    it(`9.6.${index + 1} binary in chops of ${size} bytes`, () => {
      assertEvents([binary(payload)], [["message", payload]], { chunkSizes: [size] });
    });
  });

  it("in single bytes, which takes no more than linear time to be through in time", () => {
    assertEvents([binary(payload)], [["message", payload]], { chunkSizes: [1] });
  });
});

describe("sizes: the memory that is asked for on the way", () => {
  // Counted instead of timed: a buffer that grows by a little for each piece is copied as often, in quadratic time.
  for (const [name, frames] of [
    ["fragments of 64 bytes", fragments(Opcode.binary, pieces(pattern(128 * KIB), 64))],
    ["one frame", [binary(pattern(128 * KIB))]],
  ] as const) {
    it(`is a small multiple of the message in ${name}`, (context) => {
      const allocate = context.mock.method(Buffer, "allocUnsafeSlow");
      decode(Buffer.concat(frames), 997);
      const asked = allocate.mock.calls.reduce((sum, call) => sum + (call.arguments[0] ?? 0), 0);
      assert.ok(asked <= 8 * 128 * KIB, `${asked} bytes for a message of ${128 * KIB}`);
    });
  }
});

describe("sizes: a thousand messages", () => {
  [0, 16, 64, 256, KIB, 4 * KIB].forEach((size, index) => {
    it(`9.7.${index + 1} text of ${size} bytes`, () => {
      const payload = prose(size, index % 2 === 0);
      const expected = Array<DecoderEvent>(1000).fill(["message", payload]);
      assertEvents(Array<Buffer>(1000).fill(text(payload)), expected, { chunkSizes: [WHOLE, 97, 65_536] });
    });

    it(`9.8.${index + 1} binary of ${size} bytes`, () => {
      const payload = pattern(size);
      const expected = Array<DecoderEvent>(1000).fill(["message", payload]);
      assertEvents(Array<Buffer>(1000).fill(binary(payload)), expected, { chunkSizes: [WHOLE, 97, 65_536] });
    });
  });
});

describe("sizes: the limit", () => {
  it("is kept to the byte, from the header alone", () => {
    for (const limit of [0, 1, 125, 126, 65_535, 65_536, 100_000]) {
      const limits = { maxMessageBytes: limit };
      assertEvents([binary(pattern(limit))], [["message", pattern(limit)]], {
        limits,
        chunkSizes: [WHOLE, 997],
      });
      assertEvents([binary(pattern(limit + 1))], [["violation", 1009]], { limits, chunkSizes: [WHOLE, 997] });
    }
  });

  it("answers lengths that no message has without memory for them", () => {
    const announced = (bytes: string): Buffer => Buffer.from(`82ff${bytes}01020304`, "hex");
    for (const [length, code] of [
      ["8000000000000000", 1002],
      ["ffffffffffffffff", 1002],
      ["7fffffffffffffff", 1009],
      ["0020000000000000", 1009],
      ["0000000100000000", 1009],
      ["0000000080000000", 1009],
    ] as const) {
      assertEvents([announced(length)], [["violation", code]]);
    }
  });

  it("wants the shortest form of a length (RFC 6455 §5.2)", () => {
    for (const header of [
      "82fe0000",
      "82fe007d",
      "82ff0000000000000000",
      "82ff000000000000ffff",
      "82ff000000000000007e",
    ]) {
      assertEvents([Buffer.from(`${header}01020304`, "hex")], [["violation", 1002]]);
    }
  });
});
