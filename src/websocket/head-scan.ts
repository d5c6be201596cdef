const HT = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const DEL = 0x7f;

/** What {@link findHeadEnd} returns when the empty line hasn't arrived yet. */
export const HEAD_UNFINISHED = -1;

/** What {@link findHeadEnd} returns for a byte that may not stand in a head. */
export const HEAD_MALFORMED = -2;

/**
 * Looks for the empty line that ends the head of an HTTP message, and at each byte on the way: lines end with CR LF and
 * with nothing else, since two parsers that differ about a lone CR or LF can be made to see different requests
 * (RFC 9112 §2.2, §11.2), and of the control characters only tab is allowed (RFC 9110 §5.5).
 *
 * Goes over each byte once, also if a head arrives byte by byte and this is called for each of them.
 *
 * @param bytes Where the head lies.
 * @param start Its first byte.
 * @param end Where what has arrived ends.
 * @param scannedFrom The `end` of the call before this one for the same head; `start` at the first.
 * @returns the offset after the empty line, {@link HEAD_UNFINISHED} or {@link HEAD_MALFORMED}
 */
export function findHeadEnd(bytes: Buffer, start: number, end: number, scannedFrom: number): number {
  // A CR that was the last byte so far couldn't be judged: it is looked at again.
  const from = scannedFrom > start && bytes[scannedFrom - 1] === CR ? scannedFrom - 1 : scannedFrom;
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    if (isTextByte(byte)) continue;
    if (byte !== CR) return HEAD_MALFORMED;
    if (at + 1 === end) return HEAD_UNFINISHED;
    if (bytes[at + 1] !== LF) return HEAD_MALFORMED;
    if (at - start >= 2 && bytes[at - 1] === LF) return at + 2;
    at++;
  }
  return HEAD_UNFINISHED;
}

function isTextByte(byte: number): boolean {
  return byte >= 0x20 ? byte !== DEL : byte === HT;
}
