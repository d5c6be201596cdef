import { invalidOption } from "../errors/index.ts";
import { quoted } from "./printable.ts";

/** Where a client connects to. */
export interface ConnectTarget {
  /** As it is said to people: without credentials. */
  readonly url: string;
  readonly encrypted: boolean;
  /** Name or address, without the brackets of IPv6. */
  readonly hostname: string;
  readonly port: number;
  /** For the Host header: with the port unless it is the scheme's own. */
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  /** For the Authorization header, if the URL has a user; else undefined. */
  readonly authorization: string | undefined;
}

const SCHEMES: ReadonlyMap<string, boolean> = new Map([
  ["ws:", false],
  ["http:", false],
  ["wss:", true],
  ["https:", true],
]);

/**
 * Reads the URL of a WebSocket; without a scheme it is `ws://`.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function parseTarget(text: string): ConnectTarget {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `ws://${text}`;
  if (!URL.canParse(withScheme)) throw invalidOption("URL", `${quoted(text, 80)} is not one`);
  const url = new URL(withScheme);
  const encrypted = SCHEMES.get(url.protocol);
  if (encrypted === undefined)
    throw invalidOption("URL", `it must begin with ws:// or wss://, not ${quoted(url.protocol, 20)}`);
  // RFC 6455 §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used".
  if (url.hash !== "") throw invalidOption("URL", "it must have no fragment; write # as %23");
  const target = `${url.pathname}${url.search}`;
  return {
    url: `${encrypted ? "wss" : "ws"}://${url.host}${target}`,
    encrypted,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (encrypted ? 443 : 80) : Number(url.port),
    host: url.host,
    target,
    authorization: basicAuthorization(url),
  };
}

function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(credentials, "utf8").toString("base64")}`;
}
