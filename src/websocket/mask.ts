// Whole words are exclusive-ored where the platform's byte order is that of the key as it is read: little-endian.
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

// Below this many bytes the set-up of the word loop costs more than it saves.
const WORDS_FROM_BYTES = 48;

const NON_ASCII_WORD = 0x80808080 | 0;

// The receive buffer is one and the same for every read, so that its word view is made once, not for every message.
let wordsOf: ArrayBufferLike | undefined;
let words: Int32Array = new Int32Array(0);

function wordView(bytes: Buffer): Int32Array {
  if (wordsOf !== bytes.buffer) {
    wordsOf = bytes.buffer;
    words = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
  }
  return words;
}

/** Reads a masking key as {@link unmask} takes it: its first byte in the lowest bits. */
export function readMaskingKey(bytes: Buffer, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Turns a key so that its byte `octets` comes first: for a payload that is unmasked in pieces. */
export function rotateMaskingKey(key: number, octets: number): number {
  const bits = (octets & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

function unmaskBytes(bytes: Buffer, start: number, end: number, key: number): number {
  let seen = 0;
  let turning = key;
  for (let at = start; at < end; at++) {
    const byte = (bytes[at] as number) ^ (turning & 0xff);
    bytes[at] = byte;
    seen |= byte;
    turning = (turning >>> 8) | (turning << 24);
  }
  return seen & 0x80;
}

/**
 * Unmasks a payload in place (RFC 6455 §5.3).
 *
 * @returns 0 if all that it holds now is ASCII, so that a text needs no look at its UTF-8; another number otherwise.
 */
export function unmask(bytes: Buffer, start: number, end: number, key: number): number {
  if (end - start < WORDS_FROM_BYTES || !LITTLE_ENDIAN) return unmaskBytes(bytes, start, end, key);
  const view = wordView(bytes);
  const base = bytes.byteOffset;
  const firstWord = (base + start + 3) >> 2;
  const lastWord = (base + end) >> 2;
  const aligned = (firstWord << 2) - base;
  const tail = (lastWord << 2) - base;
  const wordKey = rotateMaskingKey(key, aligned - start);
  let seen = 0;
  for (let word = firstWord; word < lastWord; word++) {
    const clear = (view[word] as number) ^ wordKey;
    view[word] = clear;
    seen |= clear;
  }
  const head = unmaskBytes(bytes, start, aligned, key);
  const rest = unmaskBytes(bytes, tail, end, rotateMaskingKey(key, tail - start));
  return (seen & NON_ASCII_WORD) | head | rest;
}

/** Whether a range holds a byte above 0x7F; as {@link unmask} returns it. */
export function nonAscii(bytes: Buffer, start: number, end: number): number {
  let seen = 0;
  for (let at = start; at < end; at++) seen |= bytes[at] as number;
  return seen & 0x80;
}
