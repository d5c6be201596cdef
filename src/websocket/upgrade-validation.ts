import { parseExtensions } from "./extension-header.ts";
import { isTokenCharacter, skipBlanks } from "./http-syntax.ts";
import type { Refusal } from "./refusal.ts";
import type { RequestHead } from "./request-head.ts";
import { parseSubprotocols } from "./subprotocol-header.ts";
import { requestOf, type UpgradeRequest } from "./upgrade-request.ts";

/** What came of a request for an upgrade. */
export type UpgradeValidation =
  | { readonly kind: "upgrade"; readonly request: UpgradeRequest }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Headers that a handshake depends on: a "list" may come in several fields, any other only once. */
const KNOWN: ReadonlyMap<string, "list" | "once"> = new Map([
  ["host", "once"],
  ["upgrade", "once"],
  ["connection", "list"],
  ["sec-websocket-key", "once"],
  ["sec-websocket-version", "once"],
  ["sec-websocket-protocol", "list"],
  ["sec-websocket-extensions", "list"],
  ["content-length", "once"],
  ["transfer-encoding", "once"],
  ["expect", "once"],
  // Who it is and where from: two of them would be read differently by different readers.
  ["origin", "once"],
  ["authorization", "once"],
]);
/** Whether a known name has this length: spares most other names the comparison. */
const KNOWN_LENGTHS: Uint8Array = new Uint8Array(32);
for (const name of KNOWN.keys()) KNOWN_LENGTHS[name.length] = 1;

const UPGRADE_HINTS: ReadonlySet<string> = new Set(["upgrade", "sec-websocket-key", "sec-websocket-version"]);

const VERSION_HEADER: Readonly<Record<string, string>> = { "Sec-WebSocket-Version": "13" };

const HOST_PUNCTUATION = "-._~%!$&'()*+;=:[]";

type Fields = ReadonlyMap<string, string>;

/**
 * Whether a request is not plain HTTP: it asks for an upgrade, if only in part (a proxy that removes `Upgrade` leaves the
 * `Sec-WebSocket-` headers, and deserves to be told), or for a tunnel.
 */
export function isUpgradeRequest(head: RequestHead): boolean {
  if (head.method === "CONNECT") return true;
  for (let index = 0; index < head.rawHeaders.length; index += 2) {
    const name = head.rawHeaders[index] as string;
    if (
      (name.length === 7 || name.length === 17 || name.length === 21) &&
      UPGRADE_HINTS.has(name.toLowerCase())
    ) {
      return true;
    }
  }
  return false;
}

/**
 * Checks a request against RFC 6455 §4.2.1. Not checked here: whether origin, path and subprotocols suit the server.
 *
 * Refusals: 405 for another method than GET, 426 for another version than 13, 417 for `Expect`, 400 for all else.
 */
export function validateUpgrade(head: RequestHead): UpgradeValidation {
  const fields = collectFields(head.rawHeaders);
  if (typeof fields === "string") return refused(badRequest(`There is more than one ${fields} header`));
  const refusal =
    checkRequestLine(head) ??
    checkBody(fields) ??
    checkHost(fields.get("host")) ??
    checkUpgrade(fields) ??
    checkVersion(fields.get("sec-websocket-version")) ??
    checkKey(fields.get("sec-websocket-key")) ??
    checkOffers(fields);
  if (refusal !== undefined) return refused(refusal);
  const request = requestOf(head);
  return request === undefined ? refused(badRequest("A header is malformed")) : { kind: "upgrade", request };
}

/** The known headers by name in lower case, or the name of one that there is twice. */
function collectFields(rawHeaders: readonly string[]): Map<string, string> | string {
  const fields = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] as string;
    if (KNOWN_LENGTHS[sent.length] !== 1) continue;
    const name = sent.toLowerCase();
    const kind = KNOWN.get(name);
    if (kind === undefined) continue;
    const value = rawHeaders[index + 1] as string;
    const before = fields.get(name);
    if (before !== undefined && kind === "once") return name;
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}

function checkRequestLine(head: RequestHead): Refusal | undefined {
  if (head.method !== "GET") {
    return { status: 405, message: "A WebSocket connection begins with GET", headers: { Allow: "GET" } };
  }
  // RFC 9110 §7.8: an Upgrade in HTTP/1.0 is not to be followed.
  if (head.version !== "1.1") return badRequest("A WebSocket connection needs HTTP/1.1");
  // Only the origin form: an absolute one would let the target name another host than the Host header.
  return head.target.startsWith("/") && !head.target.includes("#")
    ? undefined
    : badRequest("The request target must be a path");
}

/** A body would stand where the frames begin, so that a proxy could see other bytes as frames than we do. */
function checkBody(fields: Fields): Refusal | undefined {
  const length = fields.get("content-length");
  if ((length !== undefined && length !== "0") || fields.has("transfer-encoding")) {
    return badRequest("A request for a WebSocket connection can't have a body");
  }
  return fields.has("expect") ? { status: 417, message: "No expectation can be met here" } : undefined;
}

function checkHost(host: string | undefined): Refusal | undefined {
  if (host === undefined || host === "") return badRequest("The Host header is missing");
  for (let at = 0; at < host.length; at++) {
    if (!isHostCharacter(host.charCodeAt(at))) return badRequest("The Host header is malformed");
  }
  return undefined;
}

function isHostCharacter(code: number): boolean {
  const isLetterOrDigit =
    (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);
  return isLetterOrDigit || HOST_PUNCTUATION.includes(String.fromCharCode(code));
}

/** Websocket must be all that is asked for: of a list, a proxy on the way might have chosen another protocol. */
function checkUpgrade(fields: Fields): Refusal | undefined {
  const upgrade = fields.get("upgrade");
  if (upgrade === undefined) return badRequest("The Upgrade header is missing; a proxy may have removed it");
  if (upgrade.length !== 9 || upgrade.toLowerCase() !== "websocket") {
    return badRequest('The Upgrade header must be "websocket"');
  }
  return hasUpgradeToken(fields.get("connection") ?? "")
    ? undefined
    : badRequest('The Connection header must be a list that has "Upgrade"');
}

/** Whether the value is a list of tokens, one of which is "upgrade". */
function hasUpgradeToken(value: string): boolean {
  let found = false;
  let at = 0;
  for (;;) {
    const start = skipBlanks(value, at, value.length);
    at = start;
    while (isTokenCharacter(value.charCodeAt(at))) at++;
    if (at === start) return false;
    if (at - start === 7 && value.slice(start, at).toLowerCase() === "upgrade") found = true;
    at = skipBlanks(value, at, value.length);
    if (at === value.length) return found;
    if (value[at] !== ",") return false;
    at++;
  }
}

/** RFC 6455 §4.4: the answer to another version names the one that is spoken. */
function checkVersion(version: string | undefined): Refusal | undefined {
  if (version === "13") return undefined;
  if (version === undefined || version === "") {
    return { status: 400, message: "The Sec-WebSocket-Version header is missing", headers: VERSION_HEADER };
  }
  return { status: 426, message: "Only version 13 of the protocol is spoken here", headers: VERSION_HEADER };
}

/** §4.1: 16 bytes in base64, which are 22 characters, the last with 4 bits of zero, and two of padding. */
function checkKey(key: string | undefined): Refusal | undefined {
  if (key === undefined) return badRequest("The Sec-WebSocket-Key header is missing");
  let isKey = key.length === 24 && key.endsWith("==") && "AQgw".includes(key[21] as string);
  for (let at = 0; isKey && at < 22; at++) isKey = isBase64Character(key.charCodeAt(at));
  return isKey ? undefined : badRequest("The Sec-WebSocket-Key header must be 16 bytes in base64");
}

function isBase64Character(code: number): boolean {
  const isLetter = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
  // 0 to 9, + and /
  return isLetter || (code >= 0x2f && code <= 0x39) || code === 0x2b;
}

function checkOffers(fields: Fields): Refusal | undefined {
  const subprotocols = fields.get("sec-websocket-protocol");
  if (subprotocols !== undefined && parseSubprotocols(subprotocols) === undefined) {
    return badRequest("The Sec-WebSocket-Protocol header must be a list of different tokens");
  }
  const extensions = fields.get("sec-websocket-extensions");
  return extensions !== undefined && parseExtensions(extensions) === undefined
    ? badRequest("The Sec-WebSocket-Extensions header is malformed")
    : undefined;
}

function refused(refusal: Refusal): UpgradeValidation {
  return { kind: "refused", refusal };
}

function badRequest(message: string): Refusal {
  return { status: 400, message };
}
