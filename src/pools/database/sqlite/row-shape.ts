import type { Value } from "../database.ts";
import type { Columns } from "./thread-protocol.ts";

type Convert = (value: Value) => Value;

/** The rows that a statement gives: the names of their columns, and what their values become. */
export class RowShape {
  readonly #names: readonly string[];
  // Only the columns whose values become something else.
  readonly #converted: readonly (readonly [name: string, convert: Convert])[];
  readonly #hasPrototype: boolean;

  constructor({ names, types }: Columns) {
    this.#names = names;
    // Of two columns with one name the last one counts, and so does its type.
    const converts = new Map(names.map((name, at) => [name, convertFor(types[at] ?? null)]));
    this.#converted = [...converts].flatMap(([name, convert]) =>
      convert === undefined ? [] : [[name, convert] as const],
    );
    this.#hasPrototype = names.includes("__proto__");
  }

  /** How many values a row has. */
  get width(): number {
    return this.#names.length;
  }

  /** Makes rows of the values that begin at a place. */
  readRows(values: readonly unknown[], start: number, count: number): Record<string, Value>[] {
    const rows = new Array<Record<string, Value>>(count);
    for (let row = 0, at = start; row < count; row++, at += this.width) rows[row] = this.#readRow(values, at);
    return rows;
  }

  #readRow(values: readonly unknown[], start: number): Record<string, Value> {
    const names = this.#names;
    const row: Record<string, Value> = {};
    if (this.#hasPrototype) ownPrototype(row);
    for (let at = 0; at < names.length; at++) {
      const value = values[start + at] as Value;
      row[names[at] as string] = typeof value === "object" && value !== null ? toBuffer(value) : value;
    }
    for (const [name, convert] of this.#converted) row[name] = convert(row[name] as Value);
    return row;
  }
}

// A column may be called so, and must not become the prototype of its row.
function ownPrototype(row: Record<string, Value>): void {
  Object.defineProperty(row, "__proto__", {
    value: null,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function toBuffer(value: object): Value {
  const { buffer, byteOffset, byteLength } = value as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength);
}

function convertFor(type: string | null): Convert | undefined {
  // As far as the first parenthesis or space: DATETIME(3), TIMESTAMP WITH TIME ZONE.
  switch (type?.match(/^\w+/)?.[0].toUpperCase()) {
    case "BOOLEAN":
    case "BOOL":
      return toBoolean;
    case "DATETIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return toDate;
    case "DATE":
      return toDay;
    case "JSON":
    case "JSONB":
      return toParsed;
    default:
      return undefined;
  }
}

function toBoolean(value: Value): Value {
  return value === 0 || value === 1 ? value === 1 : value;
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

// Numbers stay numbers: whether they count days, seconds or milliseconds is the program's own affair.
function toDate(value: Value): Value {
  if (typeof value !== "string") return value;
  const [whole, day, time = "00:00", zone = "Z"] = MOMENT.exec(value) ?? [];
  if (whole === undefined) return value;
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
  const date = new Date(`${day}T${time}${offset.toUpperCase()}`);
  return Number.isNaN(date.getTime()) ? value : date;
}

// A Date that was written into a column of days.
function toDay(value: Value): Value {
  return typeof value === "string" && /^\d{4}-\d\d-\d\d[ T]/.test(value) ? value.slice(0, 10) : value;
}

function toParsed(value: Value): Value {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as Value;
  } catch {
    return value;
  }
}
