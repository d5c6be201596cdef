import { SluiceError } from "../errors/index.ts";
import { reasonOf } from "../internal/reason-of.ts";

/** The error for a driver that could not be loaded. */
export function driverMissing(scheme: string, packages: string, cause: unknown): SluiceError {
  const details = { scheme, package: packages, reason: reasonOf(cause) };
  return new SluiceError("SLUICE_DRIVER_MISSING", details, { cause });
}
