import { readFile } from "node:fs/promises";
import { createSecureContext, type TlsOptions } from "node:tls";
import { invalidOption, SluiceError } from "../errors/index.ts";
import { printable } from "./printable.ts";
import type { ServeOptions } from "./serve-settings.ts";

/**
 * Reads the certificate and the key, and sees whether they belong together.
 *
 * @throws SLUICE_TLS_UNREADABLE, SLUICE_INVALID_OPTION if only one of them is set
 */
export async function readTlsFiles(files: ServeOptions["tls"]): Promise<TlsOptions | undefined> {
  if (files === undefined) return undefined;
  const { cert: certFile, key: keyFile } = files;
  if (certFile === undefined || keyFile === undefined) {
    const [option, other] = certFile === undefined ? ["tls.cert", "tls.key"] : ["tls.key", "tls.cert"];
    throw invalidOption(option as string, `it is needed beside ${other}`);
  }
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)]);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw unreadable(`${certFile} or ${keyFile}`, cause);
  }
  return { cert, key };
}

async function readPem(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
}

function unreadable(file: string, cause: unknown): SluiceError {
  const reason = printable(cause instanceof Error ? cause.message : String(cause));
  return new SluiceError("SLUICE_TLS_UNREADABLE", { file, reason }, { cause });
}
