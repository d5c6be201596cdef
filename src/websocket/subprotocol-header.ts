import { isToken, isTokenCharacter, skipBlanks } from "./http-syntax.ts";

/** More names than this in one request are taken for abuse. */
const MAX_SUBPROTOCOLS = 100;

const COMMA = 0x2c;

/**
 * Parses `Sec-WebSocket-Protocol` as a client sends it: a list of tokens, most wanted first, none of them twice
 * (RFC 6455 §4.1, §11.3.4). Every character is looked at once.
 *
 * @param value The header's value; several headers joined with commas.
 * @returns undefined if it is malformed: an empty list or member, something that isn't a token, a repeated name, or more
 *   than 100 of them
 */
export function parseSubprotocols(value: string): string[] | undefined {
  const names = new Set<string>();
  const end = value.length;
  let at = 0;
  for (;;) {
    const start = skipBlanks(value, at, end);
    at = start;
    while (at < end && isTokenCharacter(value.charCodeAt(at))) at++;
    const name = value.slice(start, at);
    if (at === start || names.has(name) || names.size === MAX_SUBPROTOCOLS) return undefined;
    names.add(name);
    at = skipBlanks(value, at, end);
    if (at === end) return [...names];
    if (value.charCodeAt(at) !== COMMA) return undefined;
    at++;
  }
}

/** Whether a name may be offered or chosen as a subprotocol: a token. */
export function isSubprotocol(name: string): boolean {
  return isToken(name);
}
