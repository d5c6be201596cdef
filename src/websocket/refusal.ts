import { headerLines } from "./header-lines.ts";

/** The answer to a request that doesn't become a connection: an ordinary HTTP response, after which the socket is closed. */
export interface Refusal {
  /** HTTP status, from 300 to 599. */
  readonly status: number;
  /** One sentence for whoever reads the response; sent as its body. */
  readonly message: string;
  /** Further headers, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
}

const REASON_PHRASES: ReadonlyMap<number, string> = new Map([
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [402, "Payment Required"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [410, "Gone"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [417, "Expectation Failed"],
  [421, "Misdirected Request"],
  [422, "Unprocessable Content"],
  [426, "Upgrade Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [451, "Unavailable For Legal Reasons"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
]);

/** What a refusal's own headers may not set, since the length and the end of the response depend on it. */
const RESERVED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The whole response: `Connection: close`, so that nothing that follows on the socket is taken for another request, and
 * the message as plain text, unless the refusal's headers give another `Content-Type`.
 *
 * @throws RangeError for a status outside 300 to 599 (a 101 or a 200 would tell a proxy that a tunnel is open)
 * @throws TypeError for headers that may not be sent
 */
export function encodeRefusal(refusal: Refusal): Buffer {
  const { status, message, headers = {} } = refusal;
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new RangeError(`A refusal needs a status from 300 to 599, not ${JSON.stringify(status)}`);
  }
  const body = Buffer.from(message, "utf8");
  const own = headerLines(headers, RESERVED);
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  const head = `HTTP/1.1 ${status} ${REASON_PHRASES.get(status) ?? "Refused"}\r\nConnection: close\r\n${
    hasType ? "" : "Content-Type: text/plain; charset=utf-8\r\n"
  }Content-Length: ${body.length}\r\n${own}\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), body]);
}
