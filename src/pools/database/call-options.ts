import { invalidOption } from "../../errors/index.ts";
import type { Isolation, QueryOptions, RowsOptions, StreamOptions, TransactionOptions } from "./database.ts";

// What a timer takes, and the protocols' integers.
const MAX_INTEGER = 2 ** 31 - 1;
const ISOLATIONS: readonly Isolation[] = ["read committed", "repeatable read", "serializable"];

// By hand: each query comes by, most without options, and a schema costs more than some queries.

/** Checks what a query for rows says about itself. @throws SLUICE_INVALID_OPTION */
export function checkRowsOptions(options: RowsOptions | undefined): void {
  if (options === undefined) return;
  checkQueryOptions(options);
  const { maxRows } = options;
  if (maxRows !== undefined && maxRows !== Number.POSITIVE_INFINITY) checkCount("maxRows", maxRows, 0);
}

/** Checks what a stream says about itself. @throws SLUICE_INVALID_OPTION */
export function checkStreamOptions(options: StreamOptions | undefined): void {
  if (options === undefined) return;
  checkQueryOptions(options);
  const { batchRows } = options;
  if (batchRows !== undefined) checkCount("batchRows", batchRows, 1);
}

/** Checks what a transaction says about itself; a driver writes some of it into SQL. @throws SLUICE_INVALID_OPTION */
export function checkTransactionOptions(options: TransactionOptions | undefined): void {
  if (options === undefined) return;
  checkQueryOptions(options);
  const { isolation, readOnly, retries } = options;
  if (isolation !== undefined && !ISOLATIONS.includes(isolation))
    throw invalidOption("isolation", `it must be one of ${ISOLATIONS.join(", ")}`);
  if (readOnly !== undefined && typeof readOnly !== "boolean")
    throw invalidOption("readOnly", "it must be true or false");
  if (retries !== undefined) checkCount("retries", retries, 0);
}

function checkQueryOptions(options: QueryOptions): void {
  if (typeof options !== "object" || options === null)
    throw invalidOption("options", "they must be an object");
  const { signal, timeoutMs } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidOption("signal", "it must be an AbortSignal");
  if (timeoutMs === undefined || timeoutMs === null) return;
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0 && timeoutMs <= MAX_INTEGER))
    throw invalidOption(
      "timeoutMs",
      `it must be a number of more than 0 and at most ${MAX_INTEGER}, or null for never`,
    );
}

function checkCount(option: string, value: number, min: number): void {
  if (!Number.isInteger(value) || value < min || value > MAX_INTEGER)
    throw invalidOption(option, `it must be a whole number from ${min} to ${MAX_INTEGER}`);
}
