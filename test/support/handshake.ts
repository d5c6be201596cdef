import type { RequestHead } from "../../src/websocket/request-head.ts";

/** The headers of a client that does everything right. */
export const handshakeHeaders: Readonly<Record<string, string>> = {
  Host: "localhost:8765",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
};

/** A change of one header: another value, several fields of it, or none. */
export type HeaderChange = string | readonly string[] | undefined;

/** The head of a valid request for a connection, but for some headers. */
export function handshakeHead(
  changes: Readonly<Record<string, HeaderChange>> = {},
  requestLine: Partial<Pick<RequestHead, "method" | "target" | "version">> = {},
): RequestHead {
  const headers: Record<string, HeaderChange> = { ...handshakeHeaders, ...changes };
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => {
    const values = typeof value === "string" ? [value] : (value ?? []);
    return values.flatMap((each) => [name, each]);
  });
  return { method: "GET", target: "/", version: "1.1", rawHeaders, ...requestLine };
}

/** A head as the bytes of a request. */
export function headBytes(head: RequestHead): Buffer {
  let text = `${head.method} ${head.target} HTTP/${head.version}\r\n`;
  head.rawHeaders.forEach((part, index) => {
    text += index % 2 === 0 ? `${part}: ` : `${part}\r\n`;
  });
  return Buffer.from(`${text}\r\n`, "latin1");
}
