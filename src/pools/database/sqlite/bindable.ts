import { isDigitCode, scanSql } from "../sql-scanner.ts";
import { OWN_CODES, SqliteFailure } from "./sqlite-failure.ts";
import type { WireValue } from "./thread-protocol.ts";

/** A statement and its parameters, as the binding takes them without losing anything. */
export interface Bindable {
  readonly sql: string;
  readonly params: readonly WireValue[];
}

const MAX_INT32 = 2 ** 31 - 1;
const MIN_INT32 = -(2 ** 31);
const QUESTION = 63;

/**
 * Works around what the binding does to some values: whole numbers beyond 32 bits would be bound as floating point, positive ones
 * near 0 as the integer 0, and text would end at its first NUL.
 *
 * @param params are changed in place
 * @throws SqliteFailure for text that SQLite would cut off
 */
export function toBindable(sql: string, params: WireValue[]): Bindable {
  const tiny: number[] = [];
  for (let at = 0; at < params.length; at++) {
    const value = params[at];
    if (typeof value === "string") refuseNul(value, at);
    else if (typeof value !== "number") continue;
    else if (value > 0 && value < Number.EPSILON) tiny.push(at);
    else if ((value > MAX_INT32 || value < MIN_INT32) && Number.isSafeInteger(value))
      params[at] = BigInt(value);
  }
  return tiny.length === 0 ? { sql, params } : castTiny(sql, params, tiny);
}

function refuseNul(text: string, at: number): void {
  if (!text.includes("\0")) return;
  const message = `parameter ${at + 1} is text with a NUL in it, at which SQLite would cut it off; bind it as a Uint8Array`;
  throw new SqliteFailure(OWN_CODES.refused, 0, message);
}

// As text, which SQLite reads back to the very same number.
function castTiny(sql: string, params: WireValue[], tiny: readonly number[]): Bindable {
  for (const at of tiny) params[at] = String(params[at]);
  let text = "";
  let from = 0;
  let position = 0;
  scanSql(sql, "sqlite", (code, at) => {
    if (code !== QUESTION) return at + 1;
    let end = at + 1;
    while (isDigitCode(sql.charCodeAt(end))) end += 1;
    position = end > at + 1 ? Number(sql.slice(at + 1, end)) : position + 1;
    if (tiny.includes(position - 1)) {
      text += `${sql.slice(from, at)}CAST(${sql.slice(at, end)} AS REAL)`;
      from = end;
    }
    return end;
  });
  return { sql: text + sql.slice(from), params };
}
