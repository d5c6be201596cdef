// A marker is `@`, ten hexadecimal digits of a time in microseconds on the run's clock (13 days), `@`.

/** The bytes of a marker. */
export const MARKER_BYTES = 12;

/** A marker whose time is not filled in. */
export const BLANK_MARKER = "@0000000000@";

/** Its first and last byte. */
export const MARKER_EDGE = 0x40;

/** How many digits it has. */
export const MARKER_DIGITS = 10;

/** The value of a hexadecimal digit, by its byte; negative for all else. */
export const HEX_VALUES: Int8Array = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) HEX_VALUES[value.toString(16).charCodeAt(0)] = value;

const HALF = 2 ** 20;

/**
 * Writes a time's digits.
 *
 * @param at - offset of the marker
 * @param digits - the bytes that stand for the values 0 to 15
 */
export function writeMarkerTime(bytes: Uint8Array, at: number, micros: number, digits: Uint8Array): void {
  const high = Math.floor(micros / HALF);
  const low = Math.floor(micros - high * HALF);
  bytes[at + 1] = digits[(high >>> 16) & 15] as number;
  bytes[at + 2] = digits[(high >>> 12) & 15] as number;
  bytes[at + 3] = digits[(high >>> 8) & 15] as number;
  bytes[at + 4] = digits[(high >>> 4) & 15] as number;
  bytes[at + 5] = digits[high & 15] as number;
  bytes[at + 6] = digits[(low >>> 16) & 15] as number;
  bytes[at + 7] = digits[(low >>> 12) & 15] as number;
  bytes[at + 8] = digits[(low >>> 8) & 15] as number;
  bytes[at + 9] = digits[(low >>> 4) & 15] as number;
  bytes[at + 10] = digits[low & 15] as number;
}

/** The time in the marker that stands at an offset; -1 if none stands there. All of its bytes must be there to be read. */
export function readMarkerTime(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== MARKER_EDGE || bytes[at + MARKER_BYTES - 1] !== MARKER_EDGE) return -1;
  const high = readFiveDigits(bytes, at + 1);
  const low = readFiveDigits(bytes, at + 6);
  return (high | low) < 0 ? -1 : high * HALF + low;
}

/** Negative if one of them isn't a digit: its -1 sets the sign, whatever the others are. */
function readFiveDigits(bytes: Uint8Array, at: number): number {
  return (
    (hexValue(bytes, at) << 16) |
    (hexValue(bytes, at + 1) << 12) |
    (hexValue(bytes, at + 2) << 8) |
    (hexValue(bytes, at + 3) << 4) |
    hexValue(bytes, at + 4)
  );
}

function hexValue(bytes: Uint8Array, at: number): number {
  return HEX_VALUES[bytes[at] as number] as number;
}
