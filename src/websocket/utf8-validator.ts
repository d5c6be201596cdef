import { isUtf8 } from "node:buffer";

/**
 * From this many bytes on, node's native check (with the view it needs) is faster than the automaton. Measured; the
 * result never depends on it.
 */
const NATIVE_FROM_BYTES = 48;

const ACCEPT = 0;
const REJECT = 12;

/**
 * Björn Höhrmann's automaton for UTF-8: byte -> character class (first 256 entries), then state + class -> state.
 * It knows no overlong form, no surrogate and nothing above U+10FFFF, so all of them are rejected at the first byte
 * that can't be part of a valid sequence.
 */
const CLASS_OF = buildClasses();
// biome-ignore format: one row per state
const NEXT_STATE = Uint8Array.of(
  0, 12, 24, 36, 60, 96, 84, 12, 12, 12, 48, 72,
  12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
  12, 0, 12, 12, 12, 12, 12, 0, 12, 0, 12, 12,
  12, 24, 12, 12, 12, 12, 12, 24, 12, 24, 12, 12,
  12, 12, 12, 12, 12, 12, 12, 24, 12, 12, 12, 12,
  12, 24, 12, 12, 12, 12, 12, 12, 12, 24, 12, 12,
  12, 12, 12, 12, 12, 12, 12, 36, 12, 36, 12, 12,
  12, 36, 12, 12, 12, 12, 12, 36, 12, 36, 12, 12,
  12, 36, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
);

/**
 * Validates UTF-8 that arrives in pieces, as the payload of a fragmented text message does (RFC 6455 §8.1). It keeps
 * one number between pieces.
 */
export class Utf8Validator {
  #state: number = ACCEPT;

  /**
   * Takes the bytes from `start` to `end`.
   *
   * @returns false as soon as one of them can't be part of valid UTF-8; the validator then stays failed until `reset()`
   */
  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < NATIVE_FROM_BYTES) {
      this.#state = run(this.#state, bytes, start, end);
      return this.#state !== REJECT;
    }
    return this.#writeLong(bytes, start, end);
  }

  /** Whether what was written so far ends at the border of a character: must hold at the end of a message. */
  get complete(): boolean {
    return this.#state === ACCEPT;
  }

  /** Makes it ready for the next message. */
  reset(): void {
    this.#state = ACCEPT;
  }

  // The character begun in an earlier piece and the one cut off at the end go through the automaton, all between
  // through the native check, which can't stop in the middle of a character.
  #writeLong(bytes: Uint8Array, start: number, end: number): boolean {
    let state = this.#state;
    let at = start;
    while (state !== ACCEPT && state !== REJECT) state = step(state, bytes[at++] as number);
    if (state === ACCEPT) {
      const cut = startOfLastCharacter(bytes, at, end);
      state = isUtf8(bytes.subarray(at, cut)) ? run(ACCEPT, bytes, cut, end) : REJECT;
    }
    this.#state = state;
    return state !== REJECT;
  }
}

/**
 * Whether the bytes from `start` to `end` are valid UTF-8 as they stand: a whole message or a close reason
 * (RFC 6455 §8.1).
 */
export function isValidUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < NATIVE_FROM_BYTES) return run(ACCEPT, bytes, start, end) === ACCEPT;
  return isUtf8(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
}

function run(from: number, bytes: Uint8Array, start: number, end: number): number {
  let state = from;
  let at = start;
  while (at < end) {
    const byte = bytes[at++] as number;
    // Most text is ASCII: one comparison a byte, no table.
    if (byte < 0x80 && state === ACCEPT) continue;
    state = step(state, byte);
    if (state === REJECT) return REJECT;
  }
  return state;
}

function step(state: number, byte: number): number {
  return NEXT_STATE[state + (CLASS_OF[byte] as number)] as number;
}

/** Where a character that may be cut off at `end` begins: the last lead byte among the last three, else `end`. */
function startOfLastCharacter(bytes: Uint8Array, start: number, end: number): number {
  const floor = Math.max(start, end - 3);
  for (let at = end - 1; at >= floor; at--) {
    const byte = bytes[at] as number;
    if (byte >= 0xc0) return at;
    if (byte < 0x80) return end;
  }
  return end;
}

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256); // 0x00..0x7f: class 0
  classes.fill(1, 0x80, 0x90);
  classes.fill(9, 0x90, 0xa0);
  classes.fill(7, 0xa0, 0xc0);
  classes.fill(8, 0xc0, 0xc2); // only overlong forms begin so
  classes.fill(2, 0xc2, 0xe0);
  classes[0xe0] = 10; // the next byte must rule out overlong forms
  classes.fill(3, 0xe1, 0xf0);
  classes[0xed] = 4; // the next byte must rule out surrogates
  classes[0xf0] = 11;
  classes.fill(6, 0xf1, 0xf4);
  classes[0xf4] = 5; // the next byte must rule out what is above U+10FFFF
  classes.fill(8, 0xf5, 0x100);
  return classes;
}
