import { createServer, type TlsOptions } from "node:tls";
import { invalidOption } from "../errors/index.ts";
import { reasonOf } from "../internal/reason-of.ts";

/**
 * Sees whether a server can be made of what is given as `tls`.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function checkTls(tls: TlsOptions): void {
  if (!hasIdentity(tls)) throw invalidOption("tls", "it needs key and cert, or pfx, or an SNICallback");
  try {
    // Made for this alone: what is wrong with it is said now, and not when it is to listen.
    createServer(tls);
  } catch (cause) {
    throw invalidOption("tls", `Node can't serve TLS with it (${reasonOf(cause)})`, cause);
  }
}

// Without any, it would listen, and every TLS handshake would fail.
function hasIdentity({ key, cert, ...others }: TlsOptions): boolean {
  const { pfx, SNICallback, pskCallback, privateKeyIdentifier } = others;
  if ([pfx, SNICallback, pskCallback].some(isGiven)) return true;
  return isGiven(cert) && (isGiven(key) || isGiven(privateKeyIdentifier));
}

function isGiven(value: unknown): boolean {
  return Boolean(value) && !(Array.isArray(value) && value.length === 0);
}
