import type { IncomingMessage, ServerResponse } from "node:http";

/** A whole HTTP answer, ready to send. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Answers some paths. @returns undefined for a path that is another's */
export type HttpRoute = (path: string, request: IncomingMessage) => HttpAnswer | undefined;

/** On every answer: nothing of it may be framed, guessed at, or tell others where it was linked from. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "Content-Security-Policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
});

/** An answer of one line of text. */
export function textAnswer(
  status: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8", ...headers }, body: `${line}\n` };
}

/** An answer in JSON that no cache keeps. */
export function jsonAnswer(status: number, value: unknown): HttpAnswer {
  const headers = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" };
  return { status, headers, body: `${JSON.stringify(value, null, 2)}\n` };
}

/**
 * Sends an answer: its headers only, if they are what was asked for. The body of the request is never read; if it announces
 * one, the connection is closed after the answer, since what follows would be taken for the next request.
 */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  const body = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(answer.body, "utf8");
  const hasBody = answer.status !== 204 && answer.status !== 304;
  const headers: Record<string, string> = { ...SECURITY_HEADERS, ...answer.headers };
  if (hasBody) headers["Content-Length"] = String(body.length);
  if (announcesBody(request)) headers["Connection"] = "close";
  response.writeHead(answer.status, headers);
  response.end(hasBody && request.method !== "HEAD" ? body : undefined);
}

function announcesBody(request: IncomingMessage): boolean {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return encoding !== undefined || (length !== undefined && length !== "0");
}
