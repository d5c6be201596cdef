import { FIN, type Opcode } from "../../websocket/index.ts";

/**
 * A client's frames are masked (RFC 6455 §5.1). Each byte of this key is the same, so that one byte is masked the same way
 * wherever it stands: a message is masked once, and digits are written into it masked. The key isn't zero, since some
 * servers skip the unmasking then, and would be measured at less than what a browser's frames cost them. That it can be
 * foreseen (§5.3) is no danger here: what is sent is ours, and goes to the server that is under test.
 */
const KEY_BYTE = 0x37;

const MASKED = 0x80;
const KEY_BYTES = 4;

/** How many bytes stand before the payload. */
export function maskedHeaderBytes(payloadBytes: number): number {
  return KEY_BYTES + (payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10);
}

/** A whole message in one frame, as a client sends it. */
export function maskedFrame(opcode: Opcode, payload: Uint8Array): Buffer {
  const start = maskedHeaderBytes(payload.length);
  const frame = Buffer.alloc(start + payload.length, KEY_BYTE);
  frame[0] = FIN | opcode;
  writeLength(frame, payload.length);
  for (let at = 0; at < payload.length; at++) frame[start + at] = (payload[at] as number) ^ KEY_BYTE;
  return frame;
}

// RFC 6455 §5.2: "the minimal number of bytes MUST be used to encode the length".
function writeLength(frame: Buffer, length: number): void {
  if (length < 126) {
    frame[1] = MASKED | length;
  } else if (length < 65_536) {
    frame[1] = MASKED | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length % 2 ** 32, 6);
  }
}

/** The hexadecimal digits of 0 to 15, masked. */
export const MASKED_DIGITS: Uint8Array = Uint8Array.from(
  "0123456789abcdef",
  (digit) => digit.charCodeAt(0) ^ KEY_BYTE,
);
