import { SluiceError } from "../../../errors/index.ts";

/** The error for a driver that could not be loaded. */
export function driverMissing(scheme: string, packages: string, cause: unknown): SluiceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SluiceError("SLUICE_DRIVER_MISSING", { scheme, package: packages, reason }, { cause });
}
