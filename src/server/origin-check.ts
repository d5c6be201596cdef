import type { UpgradeRequest } from "../websocket/index.ts";
import type { Origins } from "./options.ts";

/** Whether the page that a request comes from may connect. Requests without an Origin header don't come from a page. */
export function isAllowedOrigin(request: UpgradeRequest, encrypted: boolean, origins: Origins): boolean {
  const { origin } = request;
  if (origin === undefined || origins === "any") return true;
  if (origins !== "same-origin") return origins.includes(origin);
  const { host } = request;
  // Behind a proxy that ends TLS, the page came by https although this request did not.
  return (
    origin === `https://${without(":443", host)}` ||
    (!encrypted && origin === `http://${without(":80", host)}`)
  );
}

// An origin never has its scheme's own port (RFC 6454 §6.2); a Host header may, as some proxies write it.
function without(port: string, host: string): string {
  return host.endsWith(port) ? host.slice(0, -port.length) : host;
}

const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/** The names under which a server that listens there may be reached by pages; undefined for any. */
export function defaultHosts(listenHost: string): readonly string[] | undefined {
  const isLoopback = listenHost === "localhost" || listenHost === "::1" || listenHost.startsWith("127.");
  return isLoopback ? [...LOOPBACK_HOSTS, listenHost] : undefined;
}

/**
 * Whether a page reached this server under one of its names. One that didn't has had its own name point at this address (DNS rebinding),
 * so that its origin looks like the server's own.
 */
export function isAllowedHost(request: UpgradeRequest, hosts: readonly string[] | undefined): boolean {
  if (hosts === undefined || request.origin === undefined) return true;
  const name = request.host.replace(/:\d+$/, "").toLowerCase();
  return hosts.includes(name);
}
