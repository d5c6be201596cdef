import { findHeadEnd, HEAD_MALFORMED, HEAD_UNFINISHED } from "./head-scan.ts";
import { findField, joinFields, splitFields } from "./header-fields.ts";
import { headerLines } from "./header-lines.ts";
import { isFieldValue, isToken, isVisible } from "./http-syntax.ts";
import { acceptKey } from "./upgrade-response.ts";

/** What a client asks for. */
export interface UpgradeRequestOptions {
  /** Host, with the port unless it is the scheme's own. */
  readonly host: string;
  /** Path and query: printable ASCII that begins with a slash. */
  readonly target: string;
  /** `Sec-WebSocket-Key`: 16 random bytes in base64. */
  readonly key: string;
  /** Subprotocols that the client speaks, most wanted first. */
  readonly subprotocols?: readonly string[];
  /** The value of `Sec-WebSocket-Extensions`. */
  readonly extensions?: string;
  /** Further headers, such as `Origin` or `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came of the server's answer so far. */
export type UpgradeAnswer =
  | { readonly kind: "incomplete" }
  | UpgradedAnswer
  | {
      readonly kind: "refused" /** 0 if what came isn't an answer at all. */;
      readonly status: number;
      readonly reason: string;
    };

/** A connection that is open. */
export interface UpgradedAnswer {
  readonly kind: "upgraded";
  /** The chosen one; empty if none was. */
  readonly subprotocol: string;
  /** The value of `Sec-WebSocket-Extensions`, still to be judged; undefined without one. */
  readonly extensions: string | undefined;
  /** Offset of the first byte after the head. */
  readonly end: number;
}

/** What the answer is held against. */
export interface UpgradeExpectation {
  /** The key that was sent. */
  readonly key: string;
  /** The subprotocols that were offered. */
  readonly subprotocols?: readonly string[];
  /** Whether any extension was offered. @default false */
  readonly extensions?: boolean;
}

/** An answer with a longer head is refused. */
const MAX_HEAD_BYTES = 65_536;

const RESERVED: ReadonlySet<string> = new Set([
  "host",
  "upgrade",
  "connection",
  "content-length",
  "transfer-encoding",
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
]);

const INCOMPLETE: UpgradeAnswer = Object.freeze({ kind: "incomplete" });

/**
 * The client's request (RFC 6455 §4.1).
 *
 * @throws TypeError for anything that can't be sent in its place
 */
export function encodeUpgradeRequest(options: UpgradeRequestOptions): Buffer {
  const { host, target, key, subprotocols = [], extensions, headers = {} } = options;
  if (!target.startsWith("/") || !isVisible(target))
    throw new TypeError(`Not a path: ${JSON.stringify(target)}`);
  if (!isVisible(host)) throw new TypeError(`Not a host: ${JSON.stringify(host)}`);
  if (!isVisible(key)) throw new TypeError(`Not a key: ${JSON.stringify(key)}`);
  const wrong = subprotocols.find((name) => !isToken(name));
  if (wrong !== undefined) throw new TypeError(`Not a subprotocol: ${JSON.stringify(wrong)}`);
  let text = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  text += `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n`;
  if (subprotocols.length > 0) text += `Sec-WebSocket-Protocol: ${subprotocols.join(", ")}\r\n`;
  if (extensions !== undefined) {
    if (!isFieldValue(extensions))
      throw new TypeError(`Not a list of extensions: ${JSON.stringify(extensions)}`);
    text += `Sec-WebSocket-Extensions: ${extensions}\r\n`;
  }
  return Buffer.from(`${text}${headerLines(headers, RESERVED)}\r\n`, "latin1");
}

/**
 * Checks the server's answer (RFC 6455 §4.1, the rules for the client from "Once the client's opening handshake has been
 * sent" on). Call it again with more bytes as long as it says "incomplete".
 *
 * @param bytes All that has arrived, from the first byte on.
 * @param expected What was sent.
 */
export function parseUpgradeResponse(bytes: Buffer, expected: UpgradeExpectation): UpgradeAnswer {
  const end = findHeadEnd(bytes, 0, Math.min(bytes.length, MAX_HEAD_BYTES), 0);
  if (end === HEAD_MALFORMED) return notAnAnswer("the head of the answer is malformed");
  if (end === HEAD_UNFINISHED) {
    return bytes.length < MAX_HEAD_BYTES ? INCOMPLETE : notAnAnswer("the head of the answer is too large");
  }
  const text = bytes.toString("latin1", 0, end - 2);
  const lineEnd = text.indexOf("\r");
  const status = statusOf(text.slice(0, lineEnd));
  const at = lineEnd + 2;
  if (status === 0 || typeof splitFields(text, at, Number.MAX_SAFE_INTEGER) === "string") {
    return notAnAnswer("the answer isn't HTTP/1.1");
  }
  if (status !== 101) return { kind: "refused", status, reason: text.slice("HTTP/1.1 101 ".length, lineEnd) };
  const problem = findProblem(text, at, expected);
  if (problem !== undefined) return { kind: "refused", status, reason: problem };
  const extensions = joinFields(text, at, "sec-websocket-extensions");
  return {
    kind: "upgraded",
    subprotocol: findField(text, at, "sec-websocket-protocol") ?? "",
    extensions,
    end,
  };
}

/** 0 if the line isn't a status line (RFC 9112 §4). */
function statusOf(line: string): number {
  const status = Number.parseInt(line.slice(9, 12), 10);
  const isStatusLine =
    line.startsWith("HTTP/1.1 ") && status >= 100 && (line.length === 12 || line[12] === " ");
  return isStatusLine ? status : 0;
}

/** Why a 101 doesn't open a connection. */
function findProblem(text: string, at: number, expected: UpgradeExpectation): string | undefined {
  if (joinFields(text, at, "upgrade")?.toLowerCase() !== "websocket") return 'Upgrade is not "websocket"';
  const connection = joinFields(text, at, "connection") ?? "";
  const options = connection.split(",").map((option) => option.trim().toLowerCase());
  if (!options.includes("upgrade")) return 'Connection does not have "Upgrade"';
  if (joinFields(text, at, "sec-websocket-accept") !== acceptKey(expected.key)) {
    return "Sec-WebSocket-Accept is not made of the key that was sent";
  }
  const subprotocol = joinFields(text, at, "sec-websocket-protocol");
  if (subprotocol !== undefined && !(expected.subprotocols ?? []).includes(subprotocol)) {
    return "the subprotocol was not offered";
  }
  const hasExtensions = joinFields(text, at, "sec-websocket-extensions") !== undefined;
  return hasExtensions && expected.extensions !== true ? "an extension was not offered" : undefined;
}

function notAnAnswer(reason: string): UpgradeAnswer {
  return { kind: "refused", status: 0, reason };
}
