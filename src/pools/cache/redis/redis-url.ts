import { invalidUrl } from "../../invalid-url.ts";

const DEFAULT_PORT = 6379;

/** Where a Redis is, and who connects to it. */
export interface RedisTarget {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

/**
 * Reads `redis[s]://[user[:password]@]host[:port][/database]`.
 *
 * @throws SLUICE_INVALID_URL, without the password in it
 */
export function parseRedisUrl(url: URL): RedisTarget {
  if (url.hostname === "") throw invalidUrl(url, "it has no host");
  if (url.search !== "" || url.hash !== "")
    throw invalidUrl(url, "what follows a ? or a # has no meaning in it");
  const database = url.pathname.replace(/^\//, "");
  if (!/^\d{0,4}$/.test(database)) throw invalidUrl(url, "its path must be the number of a database");
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    isTls: url.protocol === "rediss:",
    username: decoded(url, url.username),
    password: decoded(url, url.password),
    database: Number(database),
  };
}

function decoded(url: URL, part: string): string | undefined {
  try {
    return decodeURIComponent(part) || undefined;
  } catch (error) {
    throw invalidUrl(url, "its user or its password has a % that isn't followed by two digits", error);
  }
}
