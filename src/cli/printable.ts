// Control characters (C0, DEL, C1), format characters (which turn the direction of text or are invisible), line and
// paragraph separators, private use, lone surrogates and what is not assigned.
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;
// The zero-width joiner holds many an emoji together.
const UNSAFE_IN_TEXT = /(?![\t\n\u200d])[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Makes a text that came from a peer fit for one line of a log or a terminal: what could begin another line, move the
 * cursor or hide something is written as an escape, and what is too long is cut.
 *
 * @param limit - the most UTF-16 units that are kept @default 200
 */
export function printable(text: string, limit = 200): string {
  // What is cut first is not looked at: a message of a megabyte costs no more than one of a line.
  const kept = text.length > limit ? text.slice(0, limit) : text;
  const left = text.length - kept.length;
  const shown = kept.replace(UNSAFE, escapeCharacter);
  return left > 0 ? `${shown}… (${left} more)` : shown;
}

/** As {@link printable}, but between quotation marks, so that it is clear where it ends. */
export function quoted(text: string, limit = 200): string {
  const left = text.length - limit;
  const shown = JSON.stringify(left > 0 ? text.slice(0, limit) : text).replace(UNSAFE, escapeCharacter);
  return left > 0 ? `${shown}… (${left} more)` : shown;
}

/** As {@link printable}, but whole, and with its line breaks and tabs: for a message shown on a terminal. */
export function printableText(text: string): string {
  return text.replace(UNSAFE_IN_TEXT, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return code > 0xff
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\x${code.toString(16).padStart(2, "0")}`;
}
