import { findHeadEnd, HEAD_MALFORMED, HEAD_UNFINISHED } from "./head-scan.ts";
import { type FieldsProblem, splitFields } from "./header-fields.ts";
import { isToken } from "./http-syntax.ts";
import type { Refusal } from "./refusal.ts";

/** The request line and the headers of an HTTP request. */
export interface RequestHead {
  /** Such as `GET`; a token, as sent. */
  readonly method: string;
  /** The request target as sent: printable ASCII, of whatever form, neither decoded nor resolved. */
  readonly target: string;
  /** HTTP version. */
  readonly version: "1.0" | "1.1";
  /** Name, value, name, value: names as sent, values without the white space around them. */
  readonly rawHeaders: readonly string[];
  /**
   * The head as sent, in Latin-1, each line with its CR LF and without the empty line, where it was parsed here. It is
   * all that a connection keeps of its request.
   */
  readonly text?: string;
}

/** How large a head may be. */
export interface HeadLimits {
  /** Bytes of the whole head: request line, headers and empty line. More is refused with 431, or 414 if there is no end of the target. */
  readonly maxHeaderBytes: number;
  /** Header fields. More is refused with 431. */
  readonly maxHeaderCount: number;
}

/** What came of the bytes so far. */
export type HeadParse =
  | { readonly kind: "incomplete" }
  | {
      readonly kind: "head";
      readonly head: RequestHead /** Offset after the empty line. */;
      readonly end: number;
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

const INCOMPLETE: HeadParse = Object.freeze({ kind: "incomplete" });
const LF = 0x0a;

/**
 * Parses the head of an HTTP/1.1 request, strictly (RFC 9112 §3, §5): CR LF only, no folded lines, no control characters.
 *
 * Call it again with more bytes as long as it says "incomplete", and give the `end` of the call before as `scannedFrom`:
 * then a head that arrives byte by byte costs no more than one that arrives at once. How a head is cut never changes what
 * comes of it.
 *
 * @param bytes Where the head lies.
 * @param start Its first byte.
 * @param end Where what has arrived ends; what follows the head may be among it.
 * @param limits How large it may be.
 * @param scannedFrom Offset before which all has been looked at by earlier calls.
 * @default scannedFrom start
 */
// biome-ignore lint/complexity/useMaxParams: a range of a buffer, as everywhere here, and no object for every handshake
export function parseRequestHead(
  bytes: Buffer,
  start: number,
  end: number,
  limits: HeadLimits,
  scannedFrom: number = start,
): HeadParse {
  const limit = start + limits.maxHeaderBytes;
  const headEnd = findHeadEnd(bytes, start, Math.min(end, limit), scannedFrom);
  if (headEnd === HEAD_MALFORMED)
    return refuse(400, "The head has a control character, or a line end that isn't CR LF");
  if (headEnd === HEAD_UNFINISHED) return end < limit ? INCOMPLETE : tooLarge(bytes, start, limit, limits);
  return parseHead(bytes.toString("latin1", start, headEnd - 2), headEnd, limits);
}

function parseHead(text: string, end: number, limits: HeadLimits): HeadParse {
  const lineEnd = text.indexOf("\r");
  const methodEnd = text.indexOf(" ");
  if (methodEnd === -1 || methodEnd > lineEnd || !isToken(text, 0, methodEnd)) return badRequestLine();
  const targetEnd = endOfTarget(text, methodEnd + 1);
  // One space, not more, between the three parts (§3).
  if (targetEnd === methodEnd + 1 || text.charCodeAt(targetEnd) !== 0x20) return badRequestLine();
  const version = text.slice(targetEnd + 1, lineEnd);
  if (version !== "HTTP/1.1" && version !== "HTTP/1.0") return refuseVersion(version);
  const rawHeaders = splitFields(text, lineEnd + 2, limits.maxHeaderCount);
  if (typeof rawHeaders === "string") return refuseFields(rawHeaders, limits);
  const head: RequestHead = {
    method: text.slice(0, methodEnd),
    target: text.slice(methodEnd + 1, targetEnd),
    version: version === "HTTP/1.1" ? "1.1" : "1.0",
    rawHeaders,
    text,
  };
  return { kind: "head", head, end };
}

/** The target is all that is printable ASCII; what may stand in it is for those who use it to say. */
function endOfTarget(text: string, at: number): number {
  let next = at;
  for (;;) {
    const code = text.charCodeAt(next);
    if (!(code > 0x20 && code < 0x7f)) return next;
    next++;
  }
}

function tooLarge(bytes: Buffer, start: number, limit: number, limits: HeadLimits): HeadParse {
  const lineEnd = bytes.indexOf(LF, start);
  return lineEnd === -1 || lineEnd >= limit
    ? refuse(414, `The request target is too long: a head may take ${limits.maxHeaderBytes} bytes`)
    : refuse(431, `The headers are too large: a head may take ${limits.maxHeaderBytes} bytes`);
}

function badRequestLine(): HeadParse {
  return refuse(400, "The request line is malformed");
}

function refuseVersion(version: string): HeadParse {
  const isVersion =
    version.length === 8 &&
    version.startsWith("HTTP/") &&
    version[6] === "." &&
    isDigit(version[5]) &&
    isDigit(version[7]);
  return isVersion ? refuse(505, "Only HTTP/1.1 is spoken here") : badRequestLine();
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}

function refuseFields(problem: FieldsProblem, limits: HeadLimits): HeadParse {
  return problem === "too-many"
    ? refuse(431, `There are too many headers: a head may have ${limits.maxHeaderCount}`)
    : refuse(400, "A header is malformed");
}

function refuse(status: number, message: string): HeadParse {
  return { kind: "refused", refusal: { status, message } };
}
