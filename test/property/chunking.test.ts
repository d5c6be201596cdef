import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeFrame, type Opcode } from "../../src/websocket/index.ts";
import { cut, decodePieces, places } from "../support/pieces.ts";

const opcodes = fc.constantFrom<Opcode>(0, 0, 1, 1, 2, 8, 9, 10);
const masks = fc.uint8Array({ minLength: 4, maxLength: 4 });

const payloads = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 40 }).map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 70_000 }).map((length) => Buffer.alloc(length, "é")) },
);

/** A frame that may be anything but whole: valid ones mostly, with their first byte changed now and then. */
const frames = fc
  .record({
    opcode: opcodes,
    payload: payloads,
    mask: masks,
    isFinal: fc.boolean(),
    flips: fc.oneof(
      { weight: 12, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.nat({ max: 255 }) },
    ),
  })
  .map(({ opcode, payload, mask, isFinal, flips }) => {
    const isControl = opcode >= 8;
    const frame = encodeFrame(opcode, isControl ? payload.subarray(0, 125) : payload, mask);
    if (!isControl && !isFinal) frame.writeUInt8(frame.readUInt8(0) & 0x7f, 0);
    frame.writeUInt8(frame.readUInt8(0) ^ flips, 0);
    return frame;
  });

const streams = fc.oneof(
  { weight: 4, arbitrary: fc.array(frames, { maxLength: 12 }).map((list) => Buffer.concat(list)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)) },
);

describe("FrameDecoder", () => {
  for (const compression of [false, true]) {
    it(`gives the same events for any cut of the same bytes${compression ? ", with compression" : ""}`, () => {
      fc.assert(
        fc.property(streams, places, (bytes, where) => {
          const whole = decodePieces([bytes], { compression, maxFragments: 5, maxMessageBytes: 100_000 });
          const pieces = decodePieces(cut(bytes, where), {
            compression,
            maxFragments: 5,
            maxMessageBytes: 100_000,
          });
          assert.deepEqual(pieces, whole);
        }),
        { numRuns: 1000 },
      );
    });
  }

  it("gives the same events for bytes that come one at a time", () => {
    fc.assert(
      fc.property(streams, (bytes) => {
        const short = bytes.subarray(0, 3000);
        const single = Array.from(short.keys(), (at) => short.subarray(at, at + 1));
        assert.deepEqual(decodePieces(single), decodePieces([short]));
      }),
      { numRuns: 300 },
    );
  });

  it("ends with the first violation or close frame, whatever follows", () => {
    fc.assert(
      fc.property(streams, (bytes) => {
        const events = decodePieces([bytes]);
        const end = events.findIndex(([kind]) => kind === "violation" || kind === "close");
        assert.ok(end === -1 || end === events.length - 1, JSON.stringify(events));
      }),
      { numRuns: 500 },
    );
  });
});
