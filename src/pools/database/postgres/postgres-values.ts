import type { Value } from "../database.ts";
import type { PgArrayParser, PgTypes } from "./pg-module.ts";

type Parse = (text: string) => unknown;

// Object identifiers of types, of pg_type.dat: they never change. Each with that of its array.
const BOOL = [16, 1000] as const;
const BYTEA = [17, 1001] as const;
const INT8 = [20, 1016] as const;
const INT2 = [21, 1005] as const;
const INT4 = [23, 1007] as const;
const OID = [26, 1028] as const;
const FLOAT4 = [700, 1021] as const;
const FLOAT8 = [701, 1022] as const;
const JSON_TEXT = [114, 199] as const;
const JSONB = [3802, 3807] as const;
const TIMESTAMP = [1114, 1115] as const;
const TIMESTAMPTZ = [1184, 1185] as const;

// What stays text, and whose arrays are arrays all the same: text, varchar, bpchar, name, numeric, uuid, date, time, timetz, interval.
const ARRAYS_OF_TEXT = [1009, 1015, 1014, 1003, 1231, 2951, 1182, 1183, 1270, 1187];

const SCALARS: readonly (readonly [readonly [number, number], Parse])[] = [
  [BOOL, (text) => text === "t"],
  [BYTEA, parseBytes],
  [INT8, parseInteger],
  [INT2, Number],
  [INT4, Number],
  [OID, Number],
  [FLOAT4, Number],
  [FLOAT8, Number],
  [JSON_TEXT, (text) => JSON.parse(text)],
  [JSONB, (text) => JSON.parse(text)],
  [TIMESTAMP, parseTimestamp],
  [TIMESTAMPTZ, parseTimestamp],
];

/** What reads values as all databases give them; types that it doesn't know come as the server writes them. */
export function postgresTypes(arrayParser: PgArrayParser): PgTypes {
  const parsers = new Map<number, Parse>();
  const addArray = (oid: number, element: Parse): void => {
    const transform = (text: string | null): unknown => (text === null ? null : element(text));
    parsers.set(oid, (text) => arrayParser.create(text, transform).parse());
  };
  for (const [[oid, arrayOid], parse] of SCALARS) {
    parsers.set(oid, parse);
    addArray(arrayOid, parse);
  }
  for (const oid of ARRAYS_OF_TEXT) addArray(oid, asIs);
  return { getTypeParser: (oid) => parsers.get(oid) ?? asIs };
}

function asIs(text: string): string {
  return text;
}

function parseInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

// bytea_output is set to hex for every session.
function parseBytes(text: string): Buffer {
  return Buffer.from(text.slice(2), "hex");
}

const TIMESTAMP_TEXT =
  /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-]\d\d)(?::?(\d\d))?)?( BC)?$/;

/**
 * Times without a zone are in UTC, as those with one are, since every session's TimeZone is UTC. What no Date can be, `infinity`,
 * comes as the number of the same name.
 */
function parseTimestamp(text: string): Date | number {
  const match = TIMESTAMP_TEXT.exec(text);
  if (match === null) return text === "infinity" ? Infinity : text === "-infinity" ? -Infinity : Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = "0", zoneHour, zoneMinute = "0", isBc] = match;
  const date = new Date(0);
  // There is no year 0: 1 BC comes before the year 1.
  date.setUTCFullYear(isBc === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, "0").slice(0, 3)));
  if (zoneHour !== undefined) {
    const sign = zoneHour.startsWith("-") ? -1 : 1;
    const offsetMinutes = sign * (Math.abs(Number(zoneHour)) * 60 + Number(zoneMinute));
    date.setTime(date.getTime() - offsetMinutes * 60_000);
  }
  return date;
}

/** A parameter as it is sent: text, which the server reads as the type that it needs there, or bytes. */
export function encodeParameter(value: Value): string | Buffer | null {
  if (typeof value === "string") return value;
  if (value === null) return null;
  if (typeof value !== "object") return String(value);
  if (value instanceof Date) return timestampText(value);
  if (value instanceof Uint8Array) {
    return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return JSON.stringify(value);
}

// With a zone, which a column without one ignores.
function timestampText(date: Date): string {
  const year = date.getUTCFullYear();
  const text = date.toISOString();
  if (year >= 1 && year <= 9999) return text;
  const isBc = year < 1;
  const digits = String(isBc ? 1 - year : year).padStart(4, "0");
  return `${digits}${text.slice(text.indexOf("-", 1))}${isBc ? " BC" : ""}`;
}
