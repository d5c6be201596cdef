import { isToken, isTokenCharacter, skipBlanks } from "./http-syntax.ts";

/** One member of `Sec-WebSocket-Extensions`. */
export interface ExtensionOffer {
  /** The extension's name, as sent. */
  readonly name: string;
  /** Its parameters by name; true for one without a value. Keys are the peer's: only ever look up known names. */
  readonly params: ReadonlyMap<string, string | true>;
  /** Whether a parameter was given more than once, of which `params` keeps the first; such an offer is to be declined. */
  readonly hasDuplicates: boolean;
}

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Parses the value of `Sec-WebSocket-Extensions` (RFC 6455 §9.1), from either side. Every character is looked at once.
 *
 * @param value The header's value; several headers joined with commas.
 * @returns undefined if it is malformed
 */
export function parseExtensions(value: string): ExtensionOffer[] | undefined {
  const reader = new ListReader(value);
  const offers: ExtensionOffer[] = [];
  do {
    const offer = readOffer(reader);
    if (offer === undefined) return undefined;
    offers.push(offer);
  } while (reader.take(COMMA));
  return reader.atEnd ? offers : undefined;
}

function readOffer(reader: ListReader): ExtensionOffer | undefined {
  const name = reader.token();
  if (name === undefined) return undefined;
  const params = new Map<string, string | true>();
  let hasDuplicates = false;
  while (reader.take(SEMICOLON)) {
    const param = reader.token();
    if (param === undefined) return undefined;
    const value = reader.take(EQUALS) ? reader.value() : true;
    if (value === undefined) return undefined;
    if (params.has(param)) hasDuplicates = true;
    else params.set(param, value);
  }
  return { name, params, hasDuplicates };
}

/** Reads the parts of the list from left to right, and skips the optional white space around each. */
class ListReader {
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = skipBlanks(text, 0, text.length);
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Goes over a separator, if it stands here. */
  take(separator: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== separator) return false;
    this.#moveTo(this.#at + 1);
    return true;
  }

  token(): string | undefined {
    const start = this.#at;
    let end = start;
    while (end < this.#text.length && isTokenCharacter(this.#text.charCodeAt(end))) end++;
    if (end === start) return undefined;
    this.#moveTo(end);
    return this.#text.slice(start, end);
  }

  /** A token or a quoted string. */
  value(): string | undefined {
    return this.#text.charCodeAt(this.#at) === QUOTE ? this.#quoted() : this.token();
  }

  // §9.1: "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to the
  // 'token' ABNF."
  #quoted(): string | undefined {
    const text = this.#text;
    let unescaped = "";
    let at = this.#at + 1;
    let from = at;
    while (at < text.length && text.charCodeAt(at) !== QUOTE) {
      if (text.charCodeAt(at) === BACKSLASH) {
        unescaped += text.slice(from, at);
        from = ++at;
      }
      at++;
    }
    if (at >= text.length) return undefined;
    unescaped += text.slice(from, at);
    this.#moveTo(at + 1);
    return isToken(unescaped) ? unescaped : undefined;
  }

  #moveTo(at: number): void {
    this.#at = skipBlanks(this.#text, at, this.#text.length);
  }
}
