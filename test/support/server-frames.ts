import assert from "node:assert/strict";

/** A frame that a server sent. */
export interface ServerFrame {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
  /** The whole frame's bytes. */
  readonly bytes: number;
}

/** Reads whole unmasked frames by the letter of RFC 6455 §5.2, with nothing of the code under test. */
export function readServerFrames(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    assert.equal(first & 0x30, 0, "RSV2 and RSV3 are never set");
    assert.equal(second & 0x80, 0, "a server doesn't mask");
    let length = second;
    let start = at + 2;
    if (second === 126) {
      length = bytes.readUInt16BE(at + 2);
      start = at + 4;
      assert.ok(length > 125, "minimal length");
    } else if (second === 127) {
      length = Number(bytes.readBigUInt64BE(at + 2));
      start = at + 10;
      assert.ok(length > 65535, "minimal length");
    }
    const end = start + length;
    assert.ok(end <= bytes.length, "the last frame is whole");
    const payload = Buffer.from(bytes.subarray(start, end));
    frames.push({
      fin: (first & 0x80) !== 0,
      rsv1: (first & 0x40) !== 0,
      opcode: first & 0x0f,
      payload,
      bytes: end - at,
    });
    at = end;
  }
  return frames;
}

/** Every frame in a few letters: `text:hello`, `binary:68690a`, `ping:`, `pong:`, `close:1000 bye`. */
export function describeFrames(bytes: Buffer): string[] {
  return readServerFrames(bytes).map(describeFrame);
}

/** One frame as in {@link describeFrames}. */
export function describeFrame({ opcode, payload }: ServerFrame): string {
  switch (opcode) {
    case 1:
      return `text:${payload.toString("utf8")}`;
    case 2:
      return `binary:${payload.toString("hex")}`;
    case 8:
      return payload.length === 0
        ? "close:"
        : `close:${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`.trimEnd();
    case 9:
      return `ping:${payload.toString("utf8")}`;
    case 10:
      return `pong:${payload.toString("utf8")}`;
    default:
      return `opcode ${opcode}:${payload.toString("hex")}`;
  }
}
