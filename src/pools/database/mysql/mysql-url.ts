import { invalidUrl } from "../../invalid-url.ts";

/** What a URL says. */
export interface MysqlTarget {
  /** For the driver. */
  readonly uri: string;
  readonly ssl?: object | string;
}

// What of the driver's options may be said in the URL, besides `ssl`. Others would change what comes back, or what a statement may do.
const ALLOWED = new Set(["charset", "compress", "enableCleartextPlugin", "localAddress", "socketPath"]);

/**
 * Takes a URL apart.
 *
 * @throws SLUICE_INVALID_URL
 */
export function mysqlTarget(url: URL): MysqlTarget {
  const clean = new URL(url.href);
  const ssl = clean.searchParams.get("ssl");
  clean.searchParams.delete("ssl");
  for (const name of clean.searchParams.keys()) {
    if (!ALLOWED.has(name)) throw invalidUrl(url, `${name} can't be set there`);
  }
  return { uri: clean.href, ...(ssl !== null && sslOf(url, ssl)) };
}

// `true`, the name of one of the driver's profiles, or options of node:tls as JSON.
function sslOf(url: URL, text: string): { ssl?: object | string } {
  if (text === "false") return {};
  if (text === "true" || text === "") return { ssl: {} };
  if (!text.startsWith("{")) return { ssl: text };
  try {
    return { ssl: JSON.parse(text) as object };
  } catch (error) {
    throw invalidUrl(url, "ssl is not JSON", error);
  }
}
