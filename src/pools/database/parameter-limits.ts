import type { Dialect, Value } from "./database.ts";
import { invalidParameter } from "./parameters.ts";

const MIN_BIGINT = -(2n ** 63n);
const MAX_BIGINT = 2n ** 64n - 1n;
// The driver reads the years before as those of the 20th century.
const MIN_YEAR = 100;
const MAX_YEAR = 9_999;

/** The most placeholders that a statement may have: both protocols count them in 16 bits. SQLite says by itself what it takes. */
export const MAX_PLACEHOLDERS: Readonly<Record<Dialect, number>> = {
  sqlite: Number.POSITIVE_INFINITY,
  postgres: 65_535,
  mysql: 65_535,
};

/**
 * Refuses values that a database has no way to be sent. PostgreSQL is sent text, and says by itself what it can't read.
 *
 * @throws SLUICE_INVALID_PARAMETER
 */
export function checkLimits(params: readonly Value[], dialect: Dialect): void {
  if (dialect !== "mysql") return;
  for (let index = 0; index < params.length; index++) {
    const value = params[index];
    if (typeof value === "bigint") checkBigint(value, index);
    else if (value instanceof Date) checkDate(value, index);
  }
}

function checkBigint(value: bigint, index: number): void {
  if (value < MIN_BIGINT || value > MAX_BIGINT)
    throw invalidParameter(index, "a bigint of more than 64 bits");
}

function checkDate(value: Date, index: number): void {
  const year = value.getUTCFullYear();
  if (year < MIN_YEAR || year > MAX_YEAR)
    throw invalidParameter(index, `a Date in the year ${year}, where MySQL takes ${MIN_YEAR} to ${MAX_YEAR}`);
}
