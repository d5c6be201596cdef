// The two character classes of HTTP that everything in a handshake is made of. Tables and loops, not regular
// expressions: what a peer sends is looked at once, character by character.

const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";
const TOKEN_CHARACTERS = buildTokenCharacters();

/** Whether a character may stand in a token, such as a method or the name of a header (RFC 9110 §5.6.2). */
export function isTokenCharacter(code: number): boolean {
  return code < 0x80 && TOKEN_CHARACTERS[code] === 1;
}

/** Whether the text from `start` to `end` is a token: at least one character, all of them token characters. */
export function isToken(text: string, start = 0, end: number = text.length): boolean {
  for (let at = start; at < end; at++) {
    if (!isTokenCharacter(text.charCodeAt(at))) return false;
  }
  return end > start;
}

/**
 * Whether a text may be sent as the value of a header (RFC 9110 §5.5): no control character but tab, so that it can't
 * begin another line, and nothing that Latin-1 can't carry.
 */
export function isFieldValue(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff || code === 0x7f || (code < 0x20 && code !== 0x09)) return false;
  }
  return true;
}

/** Whether a text has something in it, and nothing but printable ASCII without spaces: a request target, or a host. */
export function isVisible(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return text.length > 0;
}

/** Whether a character is optional white space, a space or a tab (RFC 9110 §5.6.3). */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The first place from `at` on that isn't blank, at most `end`. */
export function skipBlanks(text: string, at: number, end: number): number {
  let next = at;
  while (next < end && isBlank(text.charCodeAt(next))) next++;
  return next;
}

function buildTokenCharacters(): Uint8Array {
  const table = new Uint8Array(128);
  table.fill(1, 0x30, 0x3a);
  table.fill(1, 0x41, 0x5b);
  table.fill(1, 0x61, 0x7b);
  for (const character of TOKEN_PUNCTUATION) table[character.charCodeAt(0)] = 1;
  return table;
}
