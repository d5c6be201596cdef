import { type ExtensionOffer, parseExtensions } from "./extension-header.ts";
import { findField, joinFields, splitFields } from "./header-fields.ts";
import { isFieldValue, isToken, isVisible } from "./http-syntax.ts";
import type { RequestHead } from "./request-head.ts";
import { parseSubprotocols } from "./subprotocol-header.ts";

/**
 * A valid request for a WebSocket connection (RFC 6455 §4.2.1). It keeps the text of the head and nothing else, because
 * a connection keeps it for as long as it lives: everything is looked up when asked for, each time anew.
 */
export interface UpgradeRequest {
  /** The request target as sent, in origin form: path and query. */
  readonly target: string;
  /** The target up to its `?`: as sent, not decoded (it may hold malformed percent-escapes), beginning with a slash. */
  readonly path: string;
  /** The target after its first `?`, as sent; empty if there is none. */
  readonly query: string;
  /** Name, value, name, value: as sent. */
  readonly rawHeaders: string[];
  /** `Sec-WebSocket-Key`. */
  readonly key: string;
  /** What `Sec-WebSocket-Protocol` offers, most wanted first, without duplicates. */
  readonly subprotocols: string[];
  /** What `Sec-WebSocket-Extensions` offers, most wanted first. */
  readonly extensions: ExtensionOffer[];
  /** `Origin`; browsers always send it. */
  readonly origin: string | undefined;
  /** `Host`, with the port if it was sent. */
  readonly host: string;
  /** The value of the first header of this name, in any case. */
  header(name: string): string | undefined;
}

/**
 * Makes the request of a head that has been found valid.
 *
 * @returns undefined if the head, which then comes from another parser, can't be written as lines of text
 */
export function requestOf(head: RequestHead): UpgradeRequest | undefined {
  const text = head.text ?? textOf(head);
  return text === undefined ? undefined : new TextRequest(text);
}

class TextRequest implements UpgradeRequest {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get target(): string {
    const start = this.#text.indexOf(" ") + 1;
    return this.#text.slice(start, this.#text.indexOf(" ", start));
  }

  get path(): string {
    const target = this.target;
    const mark = target.indexOf("?");
    return mark === -1 ? target : target.slice(0, mark);
  }

  get query(): string {
    const target = this.target;
    const mark = target.indexOf("?");
    return mark === -1 ? "" : target.slice(mark + 1);
  }

  get rawHeaders(): string[] {
    const fields = splitFields(this.#text, this.#fieldsAt, Number.MAX_SAFE_INTEGER);
    return typeof fields === "string" ? [] : fields;
  }

  get key(): string {
    return this.header("sec-websocket-key") ?? "";
  }

  get subprotocols(): string[] {
    const value = joinFields(this.#text, this.#fieldsAt, "sec-websocket-protocol");
    return (value === undefined ? undefined : parseSubprotocols(value)) ?? [];
  }

  get extensions(): ExtensionOffer[] {
    const value = joinFields(this.#text, this.#fieldsAt, "sec-websocket-extensions");
    return (value === undefined ? undefined : parseExtensions(value)) ?? [];
  }

  get origin(): string | undefined {
    return this.header("origin");
  }

  get host(): string {
    return this.header("host") ?? "";
  }

  header(name: string): string | undefined {
    return findField(this.#text, this.#fieldsAt, name.toLowerCase());
  }

  get #fieldsAt(): number {
    return this.#text.indexOf("\r") + 2;
  }
}

function textOf(head: RequestHead): string | undefined {
  if (!isToken(head.method) || !isVisible(head.target)) return undefined;
  let text = `${head.method} ${head.target} HTTP/${head.version}\r\n`;
  for (let index = 0; index < head.rawHeaders.length; index += 2) {
    const name = head.rawHeaders[index] ?? "";
    const value = head.rawHeaders[index + 1] ?? "";
    if (!isToken(name) || !isFieldValue(value)) return undefined;
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
