import type { Value } from "../database.ts";
import type { MysqlColumn, MysqlParameter, MysqlTypedParameter } from "./mysql-module.ts";

type Row = Record<string, Value>;

// Types of columns, of the protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
const TINY = 0x01;
const FLOAT = 0x04;
const LONGLONG = 0x08;
const JSON_TYPE = 0xf5;

// From here on a double is written with an exponent.
const LONG_DOUBLE = 1e15;
const MAX_SIGNED = 2n ** 63n - 1n;

/** What is left to do for a column after the driver has read it. */
export interface ColumnConversion {
  readonly name: string;
  readonly convert: (value: Value) => Value;
  /** What the column is really called, where the driver was given another name for it. */
  readonly realName?: string;
}

// The driver gives the connection up for a column that is called so.
const REFUSED_NAMES: ReadonlySet<string> = new Set([
  "__defineGetter__",
  "__defineSetter__",
  "__lookupGetter__",
  "__lookupSetter__",
  "__proto__",
]);

/** What makes the values of these columns those that all databases give; null if the driver's are. It may rename columns. */
export function conversionsOf(columns: readonly MysqlColumn[]): readonly ColumnConversion[] | null {
  let conversions: Map<string, ColumnConversion> | null = null;
  for (const column of columns) {
    const conversion = conversionOf(column);
    // Of columns with one name, a row has the value of the last.
    if (conversion === null) conversions?.delete(column.name);
    else {
      conversions ??= new Map();
      conversions.set(column.name, conversion);
    }
  }
  return conversions === null ? null : [...conversions.values()];
}

/** Converts a row in place. */
export function convertRow(row: Row, conversions: readonly ColumnConversion[]): void {
  for (const { name, convert, realName } of conversions) {
    const given = row[name];
    const value = given === null || given === undefined ? null : convert(given);
    if (realName === undefined) row[name] = value;
    else {
      delete row[name];
      Object.defineProperty(row, realName, { value, enumerable: true, configurable: true, writable: true });
    }
  }
}

function conversionOf(column: MysqlColumn): ColumnConversion | null {
  const convert = valueConversionOf(column);
  const { name } = column;
  if (!REFUSED_NAMES.has(name)) return convert === null ? null : { name, convert };
  // No column can be called so: MySQL's names have no NUL in them.
  column.name = `\0${name}`;
  return { name: column.name, convert: convert ?? asIs, realName: name };
}

function valueConversionOf(column: MysqlColumn): ColumnConversion["convert"] | null {
  switch (column.columnType) {
    case LONGLONG:
      return toInteger;
    case TINY:
      // A display width of 1 says nothing about the number, and everything about what is meant by it.
      return column.columnLength === 1 ? toBoolean : null;
    case FLOAT:
      return toShortestFloat;
    case JSON_TYPE:
      return parseJson;
    default:
      return column.extendedFormat === "json" ? parseJson : null;
  }
}

function asIs(value: Value): Value {
  return value;
}

// The driver gives a string where a number would lose something.
function toInteger(value: Value): Value {
  return typeof value === "string" ? BigInt(value) : value;
}

function toBoolean(value: Value): boolean {
  return value !== 0;
}

// 0.1 in four bytes is 0.10000000149011612 in eight; what is meant is the shortest number that is the same in four.
function toShortestFloat(value: Value): Value {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function parseJson(value: Value): Value {
  return typeof value === "string" ? (JSON.parse(value) as Value) : value;
}

/**
 * A parameter as the driver is given it. It sends a number as a double, and MySQL's servers say which they want as an integer. What
 * they would write as 1e15 is sent as the integer that it is; for all others that is of no use, and slow.
 */
export function encodeParameter({ LONGLONG }: MysqlTypedParameter, value: Value): MysqlParameter {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && Math.abs(value) >= LONG_DOUBLE ? LONGLONG(value) : value;
  }
  if (typeof value === "bigint") {
    return value > MAX_SIGNED ? LONGLONG.unsigned(value) : LONGLONG(value);
  }
  if (value instanceof Date) return value;
  if (value instanceof Uint8Array) {
    return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return JSON.stringify(value);
}
