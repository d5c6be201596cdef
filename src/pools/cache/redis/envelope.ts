import type { Encoded } from "../cache-value.ts";
import type { Entry } from "../entry.ts";

// "s1", a letter for the kind, and both times in base 36. As long for all, so that a script in Redis can compare it.
const MAGIC = "s1";
const TIME_DIGITS = 9;
/** How many bytes stand before the value. */
export const HEADER_BYTES: number = MAGIC.length + 1 + 2 * TIME_DIGITS;

const letters = { json: "j", tagged: "t", bytes: "b", nothing: "n" } as const;

/** An entry as it is kept in Redis. */
export function pack(entry: Entry): string | Buffer {
  const header = headerOf(entry);
  const { value } = entry;
  if (value.kind !== "bytes") return header + value.payload;
  return Buffer.concat([Buffer.from(header, "latin1"), value.payload]);
}

/** What an entry begins with in Redis: it tells one that was stored from the next. */
export function headerOf(entry: Entry): string {
  return MAGIC + letters[entry.value.kind] + digits(entry.softAt) + digits(entry.hardAt);
}

/** What is kept in Redis as an entry; undefined if it is none, such as what another program has put there. */
export function unpack(packed: unknown): Entry | undefined {
  if (!Buffer.isBuffer(packed) || packed.length < HEADER_BYTES) return undefined;
  const header = packed.toString("latin1", 0, HEADER_BYTES);
  if (!header.startsWith(MAGIC)) return undefined;
  const softAt = Number.parseInt(header.slice(3, 3 + TIME_DIGITS), 36);
  const hardAt = Number.parseInt(header.slice(3 + TIME_DIGITS), 36);
  const value = encodedOf(header.charAt(2), packed);
  if (value === undefined || Number.isNaN(softAt) || Number.isNaN(hardAt)) return undefined;
  return { value, softAt, hardAt };
}

function encodedOf(letter: string, packed: Buffer): Encoded | undefined {
  if (letter === letters.json || letter === letters.tagged) {
    const kind = letter === letters.json ? "json" : "tagged";
    return { kind, payload: packed.toString("utf8", HEADER_BYTES) };
  }
  if (letter === letters.bytes) return { kind: "bytes", payload: packed.subarray(HEADER_BYTES) };
  return letter === letters.nothing ? { kind: "nothing", payload: "" } : undefined;
}

function digits(time: number): string {
  return Math.ceil(time).toString(36).padStart(TIME_DIGITS, "0");
}
