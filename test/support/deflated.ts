import { constants, deflateRawSync } from "node:zlib";
import { frame } from "./decoder-harness.ts";

/** A request for compression, as a browser sends it. */
export const deflateOffer: Readonly<Record<string, string>> = {
  "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
};

/** The payload of a compressed message (RFC 7692 §7.2.1). */
export function deflated(message: string | Uint8Array): Buffer {
  const whole = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH });
  return whole.subarray(0, whole.length - 4);
}

/** A compressed message in one frame. */
export function deflatedFrame(message: string | Uint8Array, opcode: 1 | 2 = 1): Buffer {
  return frame({ opcode, rsv: 4, payload: deflated(message) });
}

/** A payload that inflates to so many bytes of zero, at a thousandth of that. */
export function bomb(megabytes: number): Buffer {
  const pieceMegabytes = Math.min(megabytes, 32);
  const piece = deflateRawSync(Buffer.alloc(pieceMegabytes * 1024 * 1024), {
    finishFlush: constants.Z_FULL_FLUSH,
    level: 9,
  });
  const whole = Buffer.concat(Array.from({ length: Math.ceil(megabytes / pieceMegabytes) }, () => piece));
  return whole.subarray(0, whole.length - 4);
}
