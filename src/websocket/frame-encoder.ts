import { CloseCode } from "./close-code.ts";
import { FIN, Opcode } from "./opcode.ts";

/** The most bytes that a header without a masking key takes (RFC 6455 §5.2). */
export const MAX_HEADER_BYTES = 10;

/** First byte of an unfragmented text frame. */
export const TEXT_FRAME: number = FIN | Opcode.text;

/** First byte of an unfragmented binary frame. */
export const BINARY_FRAME: number = FIN | Opcode.binary;

// A string of so many UTF-16 units is at most 125 bytes of UTF-8, which is what a two-byte header can announce.
const SHORT_TEXT_UNITS = 41;

/** How many bytes the header of an unmasked frame takes, by the minimal encoding of its length (RFC 6455 §5.2). */
export function frameHeaderBytes(payloadBytes: number): number {
  if (payloadBytes < 126) return 2;
  return payloadBytes < 65536 ? 4 : 10;
}

/** Writes the header of an unmasked frame. @returns where its payload starts. */
export function writeFrameHeader(
  target: Buffer,
  at: number,
  firstByte: number,
  payloadBytes: number,
): number {
  target[at] = firstByte;
  if (payloadBytes < 126) {
    target[at + 1] = payloadBytes;
    return at + 2;
  }
  if (payloadBytes < 65536) {
    target[at + 1] = 126;
    target[at + 2] = payloadBytes >>> 8;
    target[at + 3] = payloadBytes;
    return at + 4;
  }
  target[at + 1] = 127;
  target.writeUInt32BE(Math.floor(payloadBytes / 0x1_0000_0000), at + 2);
  target.writeUInt32BE(payloadBytes >>> 0, at + 6);
  return at + 10;
}

/** The most bytes that {@link writeTextFrame} writes for a string. */
export function maxTextFrameBytes(text: string): number {
  return MAX_HEADER_BYTES + text.length * 3;
}

/** Writes a whole unmasked text frame into a buffer that has room for {@link maxTextFrameBytes}. @returns its end. */
export function writeTextFrame(target: Buffer, at: number, text: string): number {
  const units = text.length;
  if (units > SHORT_TEXT_UNITS) {
    return writeLongText(target, at, text);
  }
  const start = at + 2;
  const end = writeShortText(target, start, text);
  target[at] = TEXT_FRAME;
  target[at + 1] = end - start;
  return end;
}

// For a short text, a loop in JavaScript is faster than the call into native code.
function writeShortText(target: Buffer, at: number, text: string): number {
  const units = text.length;
  for (let index = 0; index < units; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return at + target.write(text, at, "utf8");
    target[at + index] = unit;
  }
  return at + units;
}

// Asking first how long it will be would cost more than encoding it: a guess, which is right for ASCII, is put right afterwards.
function writeLongText(target: Buffer, at: number, text: string): number {
  const guessed = at + frameHeaderBytes(text.length);
  const bytes = target.write(text, guessed, "utf8");
  const start = at + frameHeaderBytes(bytes);
  if (start !== guessed) target.copyWithin(start, guessed, guessed + bytes);
  writeFrameHeader(target, at, TEXT_FRAME, bytes);
  return start + bytes;
}

/** Writes a whole unmasked binary frame into a buffer that has room for it. @returns its end. */
export function writeBinaryFrame(target: Buffer, at: number, payload: Uint8Array): number {
  const start = writeFrameHeader(target, at, BINARY_FRAME, payload.byteLength);
  target.set(payload, start);
  return start + payload.byteLength;
}

/**
 * Makes a whole frame of its own: for clients, tests and the paths where speed is nothing.
 *
 * @param mask Four random bytes, if a client sends it (RFC 6455 §5.3).
 */
export function encodeFrame(opcode: Opcode, payload: string | Uint8Array, mask?: Uint8Array): Buffer {
  const body = typeof payload === "string" ? Buffer.from(payload, "utf8") : payload;
  const keyBytes = mask === undefined ? 0 : 4;
  const frame = Buffer.allocUnsafe(frameHeaderBytes(body.byteLength) + keyBytes + body.byteLength);
  const afterHeader = writeFrameHeader(frame, 0, FIN | opcode, body.byteLength);
  frame.set(body, afterHeader + keyBytes);
  if (mask === undefined) return frame;
  frame[1] = (frame[1] as number) | 0x80;
  frame.set(mask.subarray(0, 4), afterHeader);
  for (let index = 0; index < body.byteLength; index++) {
    const at = afterHeader + 4 + index;
    frame[at] = (frame[at] as number) ^ (mask[index & 3] as number);
  }
  return frame;
}

/** The payload of a close frame (RFC 6455 §5.5.1); empty for 1005, which may not be sent. */
export function closePayload(code: number, reason: string): Buffer {
  if (code === CloseCode.noStatus) return Buffer.alloc(0);
  const text = Buffer.from(reason, "utf8");
  const payload = Buffer.allocUnsafe(2 + text.length);
  payload.writeUInt16BE(code, 0);
  text.copy(payload, 2);
  return payload;
}

/** Makes an unmasked close frame. */
export function encodeClose(code: number, reason: string): Buffer {
  return encodeFrame(Opcode.close, closePayload(code, reason));
}
