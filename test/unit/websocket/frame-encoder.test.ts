import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BINARY_FRAME,
  encodeClose,
  encodeFrame,
  frameHeaderBytes,
  MAX_HEADER_BYTES,
  maxTextFrameBytes,
  TEXT_FRAME,
  writeBinaryFrame,
  writeFrameHeader,
  writeTextFrame,
} from "../../../src/websocket/frame-encoder.ts";
import { Opcode } from "../../../src/websocket/opcode.ts";
import { readServerFrames } from "../../support/server-frames.ts";

const LENGTHS = [0, 1, 2, 40, 41, 42, 125, 126, 127, 255, 256, 65_535, 65_536, 70_000];

describe("writeFrameHeader", () => {
  it("encodes a length in as few bytes as there are (RFC 6455 §5.2)", () => {
    for (const [length, bytes] of [
      [0, [0x82, 0]],
      [125, [0x82, 125]],
      [126, [0x82, 126, 0, 126]],
      [65_535, [0x82, 126, 0xff, 0xff]],
      [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
      [2 ** 32 + 5, [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 5]],
      [2 ** 31 + 1, [0x82, 127, 0, 0, 0, 0, 0x80, 0, 0, 1]],
    ] as const) {
      const target = Buffer.alloc(16, 0xee);
      assert.equal(frameHeaderBytes(length), bytes.length);
      assert.equal(writeFrameHeader(target, 2, BINARY_FRAME, length), 2 + bytes.length);
      assert.deepEqual([...target.subarray(2, 2 + bytes.length)], [...bytes]);
      assert.equal(target[2 + bytes.length], 0xee);
      assert.ok(bytes.length <= MAX_HEADER_BYTES);
    }
  });
});

describe("writeTextFrame", () => {
  it("writes a whole frame within the most that was said", () => {
    for (const unit of ["a", "ä", "語", "🌊", "a🌊", "\u0000", "\u007f", "\u0080", "\u07ff", "\u0800"]) {
      for (const length of LENGTHS) {
        const text = unit.repeat(Math.ceil(length / unit.length));
        const most = maxTextFrameBytes(text);
        const target = Buffer.alloc(most + 10, 0xee);
        const end = writeTextFrame(target, 5, text);
        assert.ok(end - 5 <= most);
        const [frame, ...more] = readServerFrames(target.subarray(5, end));
        assert.equal(more.length, 0);
        assert.deepEqual([frame?.fin, frame?.rsv1, frame?.opcode], [true, false, Opcode.text]);
        assert.ok(frame?.payload.toString("utf8") === text, `${length} of ${unit}`);
      }
    }
  });

  it("writes the replacement character for half of a surrogate pair, as every UTF-8 encoder does", () => {
    for (const text of ["\ud83c", "a\udf0a", `${"x".repeat(100)}\ud83c`, "\udf0a\ud83c"]) {
      const target = Buffer.alloc(maxTextFrameBytes(text));
      const [frame] = readServerFrames(target.subarray(0, writeTextFrame(target, 0, text)));
      assert.deepEqual(frame?.payload, Buffer.from(text, "utf8"));
    }
  });
});

describe("writeBinaryFrame", () => {
  it("writes a whole frame", () => {
    for (const length of LENGTHS) {
      const payload = new Uint8Array(length).map((_, at) => at);
      const target = Buffer.alloc(length + MAX_HEADER_BYTES + 3);
      const end = writeBinaryFrame(target, 3, payload);
      assert.equal(end, 3 + frameHeaderBytes(length) + length);
      const [frame] = readServerFrames(target.subarray(3, end));
      assert.deepEqual([frame?.fin, frame?.opcode], [true, Opcode.binary]);
      assert.ok(frame?.payload.equals(payload));
    }
  });
});

describe("encodeFrame", () => {
  it("makes a frame of its own", () => {
    assert.deepEqual([...encodeFrame(Opcode.ping, "hi")], [0x89, 2, 0x68, 0x69]);
    assert.deepEqual([...encodeFrame(Opcode.binary, new Uint8Array([1]))], [0x82, 1, 1]);
    assert.equal(TEXT_FRAME, encodeFrame(Opcode.text, "")[0]);
  });

  it("masks, if it is told with what (RFC 6455 §5.7)", () => {
    const hello = encodeFrame(Opcode.text, "Hello", Buffer.from([0x37, 0xfa, 0x21, 0x3d]));
    assert.equal(hello.toString("hex"), "818537fa213d7f9f4d5158");
    for (const length of LENGTHS) {
      const frame = encodeFrame(Opcode.binary, Buffer.alloc(length, 1), Buffer.from([1, 1, 1, 1]));
      assert.equal(frame.length, frameHeaderBytes(length) + 4 + length);
      assert.ok(frame.subarray(frameHeaderBytes(length) + 4).every((octet) => octet === 0));
    }
  });
});

describe("encodeClose", () => {
  it("makes a close frame with a code and a reason", () => {
    assert.deepEqual([...encodeClose(1000, "ok")], [0x88, 4, 0x03, 0xe8, 0x6f, 0x6b]);
    assert.deepEqual([...encodeClose(4999, "")], [0x88, 2, 0x13, 0x87]);
    assert.equal(encodeClose(1000, "ä".repeat(61)).length, 2 + 2 + 122);
  });

  it("makes one without a body for the code that means that there was none", () => {
    assert.deepEqual([...encodeClose(1005, "")], [0x88, 0]);
  });
});
