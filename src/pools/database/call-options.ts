import { invalidOption } from "../../errors/index.ts";
import { checkCallOptions } from "../check-call-options.ts";
import type { Isolation, RowsOptions, StreamOptions, TransactionOptions } from "./database.ts";

// The protocols' integers.
const MAX_INTEGER = 2 ** 31 - 1;
const ISOLATIONS: readonly Isolation[] = ["read committed", "repeatable read", "serializable"];

/** Checks what a query for rows says about itself. @throws SLUICE_INVALID_OPTION */
export function checkRowsOptions(options: RowsOptions | undefined): void {
  if (options === undefined) return;
  checkCallOptions(options);
  const { maxRows } = options;
  if (maxRows !== undefined && maxRows !== Number.POSITIVE_INFINITY) checkCount("maxRows", maxRows, 0);
}

/** Checks what a stream says about itself. @throws SLUICE_INVALID_OPTION */
export function checkStreamOptions(options: StreamOptions | undefined): void {
  if (options === undefined) return;
  checkCallOptions(options);
  const { batchRows } = options;
  if (batchRows !== undefined) checkCount("batchRows", batchRows, 1);
}

/** Checks what a transaction says about itself; a driver writes some of it into SQL. @throws SLUICE_INVALID_OPTION */
export function checkTransactionOptions(options: TransactionOptions | undefined): void {
  if (options === undefined) return;
  checkCallOptions(options);
  const { isolation, readOnly, retries } = options;
  if (isolation !== undefined && !ISOLATIONS.includes(isolation))
    throw invalidOption("isolation", `it must be one of ${ISOLATIONS.join(", ")}`);
  if (readOnly !== undefined && typeof readOnly !== "boolean")
    throw invalidOption("readOnly", "it must be true or false");
  if (retries !== undefined) checkCount("retries", retries, 0);
}

function checkCount(option: string, value: number, min: number): void {
  if (!Number.isInteger(value) || value < min || value > MAX_INTEGER)
    throw invalidOption(option, `it must be a whole number from ${min} to ${MAX_INTEGER}`);
}
