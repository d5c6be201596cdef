import { SluiceError } from "../../errors/index.ts";
import { invalidUrl } from "../invalid-url.ts";
import type { Dialect } from "./database.ts";
import type { SqliteTarget } from "./driver-options.ts";

/** What a URL says. */
export type DatabaseAddress =
  | { readonly dialect: "sqlite"; readonly scheme: string; readonly target: SqliteTarget }
  | { readonly dialect: "postgres" | "mysql"; readonly scheme: string; readonly url: URL };

const SCHEMES: Readonly<Record<string, Dialect>> = {
  sqlite: "sqlite",
  postgres: "postgres",
  postgresql: "postgres",
  mysql: "mysql",
  mariadb: "mysql",
};

/**
 * Reads the URL of a database: `sqlite:chat.db`, `sqlite::memory:`, `postgres://user@host/database`, `mysql://user@host/database`.
 *
 * @throws SLUICE_INVALID_URL, SLUICE_UNKNOWN_SCHEME; neither shows a password
 */
export function parseDatabaseUrl(url: string | URL): DatabaseAddress {
  const text = String(url);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) throw invalidUrl(text, "it has no scheme, such as sqlite: or postgres://");
  const dialect = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (dialect === undefined) {
    const schemes = "sqlite:, postgres://, postgresql://, mysql:// and mariadb://";
    throw new SluiceError("SLUICE_UNKNOWN_SCHEME", { scheme: `${scheme}:`, schemes });
  }
  if (dialect === "sqlite") return { dialect, scheme, target: { path: sqlitePath(text) } };
  return { dialect, scheme, url: serverUrl(text) };
}

function sqlitePath(text: string): string {
  let path = text.slice(text.indexOf(":") + 1);
  // sqlite:///var/chat.db is the file /var/chat.db.
  if (path.startsWith("//")) path = path.slice(2);
  if (path === "") throw invalidUrl(text, "it names no file; write sqlite:chat.db, or sqlite::memory:");
  if (path.includes("\0")) throw invalidUrl(text.replaceAll("\0", "\\0"), "a path has no NUL character");
  return path;
}

function serverUrl(text: string): URL {
  if (!/^[a-z]+:\/\//i.test(text)) throw invalidUrl(text, "two slashes come after the scheme");
  // What the parser throws isn't kept: it has the whole URL, with the password.
  if (!URL.canParse(text))
    throw invalidUrl(
      text,
      "it can't be read; characters such as / # ? @ : in a password are percent-encoded",
    );
  const url = new URL(text);
  if (url.hash !== "" || url.pathname.includes("@"))
    throw invalidUrl(text, "characters such as / # ? @ : in a user or password are percent-encoded");
  if (!isDecodable(url.username + url.password + url.pathname))
    throw invalidUrl(text, "a % in a user, password or name is written %25");
  return url;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
