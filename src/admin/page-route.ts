import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { HttpAnswer, HttpRoute } from "./http-answer.ts";

interface PageFile {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

/** Everything the page is made of. Nothing else of the disk can be asked for. */
const FILES: readonly (readonly [path: string, file: string, type: string])[] = [
  ["/", "index.html", HTML],
  ["/page/theme.css", "theme.css", CSS],
  ["/page/page.css", "page.css", CSS],
  ["/page/live.css", "live.css", CSS],
  ["/page/consoles.css", "consoles.css", CSS],
  ["/page/page.js", "page.js", SCRIPT],
  ["/page/chat.js", "chat.js", SCRIPT],
  ["/page/child.js", "child.js", SCRIPT],
  ["/page/conversation.js", "conversation.js", SCRIPT],
  ["/page/message-log.js", "message-log.js", SCRIPT],
  ["/page/live-feed.js", "live-feed.js", SCRIPT],
  ["/page/sparkline.js", "sparkline.js", SCRIPT],
  ["/page/traffic.js", "traffic.js", SCRIPT],
];

/**
 * The page at `/`, with its style and its scripts. They are read from disk here, once.
 *
 * @throws the error of the file system if the installation is incomplete
 */
export function pageRoute(): HttpRoute {
  const files = new Map(FILES.map(([path, file, type]) => [path, readPageFile(file, type)]));
  return (path, request) => {
    const file = files.get(path);
    if (file === undefined) return undefined;
    return pageAnswer(file, request.headers.host ?? "", request.headers["if-none-match"]);
  };
}

function readPageFile(file: string, type: string): PageFile {
  const body = readFileSync(new URL(`./page/${file}`, import.meta.url));
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { body, type, etag };
}

function pageAnswer(file: PageFile, host: string, known: string | undefined): HttpAnswer {
  // A 304 has the same headers: a browser takes them in place of those that it has kept (RFC 9111 §3.2).
  const policy = file.type === HTML ? { "Content-Security-Policy": pagePolicy(host) } : {};
  // After an upgrade of the server a browser must not mix old scripts with new ones, so it asks each time.
  const headers = { "Content-Type": file.type, "Cache-Control": "no-cache", ETag: file.etag, ...policy };
  if (known === file.etag) return { status: 304, headers, body: "" };
  return { status: 200, headers, body: file.body };
}

/** Only what this server itself serves: no script or style within the page, none from elsewhere. */
function pagePolicy(host: string): string {
  // To some browsers 'self' doesn't include WebSockets of the same host, so these are named.
  const sockets = /^[A-Za-z0-9.:[\]-]{1,260}$/.test(host) ? ` ws://${host} wss://${host}` : "";
  return (
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'${sockets}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
  );
}
