import { SluiceError } from "../../errors/index.ts";
import type { Value } from "./database.ts";

/**
 * What is given for placeholders, checked, in an array of its own, so that a caller may use theirs again at once. Arrays and plain
 * objects become the JSON that they are bound as.
 *
 * @throws SLUICE_INVALID_PARAMETER
 */
export function checkedParameters(params: readonly unknown[]): Value[] {
  if (!Array.isArray(params))
    throw invalidParameter(0, `not in an array: ${nameOf(params)} was given for all`);
  const checked = new Array<Value>(params.length);
  for (let index = 0; index < params.length; index++) checked[index] = checkedParameter(params[index], index);
  return checked;
}

function checkedParameter(value: unknown, index: number): Value {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
      return value;
    case "number":
      // Not every database has them, and SQLite would store NULL.
      if (!Number.isFinite(value)) throw invalidParameter(index, String(value));
      return value;
    case "object":
      return checkedObject(value, index);
    default:
      throw invalidParameter(index, nameOf(value));
  }
}

function checkedObject(value: object | null, index: number): Value {
  if (value === null || value instanceof Uint8Array) return value;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw invalidParameter(index, "an invalid Date");
    return value;
  }
  if (Array.isArray(value) || isPlain(value)) return toJson(value, index);
  throw invalidParameter(index, nameOf(value));
}

// Also of another realm, such as that of node:vm, whose Object.prototype is another one.
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === null ||
    prototype === Object.prototype ||
    Object.getPrototypeOf(prototype as object) === null
  );
}

function toJson(value: object, index: number): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw invalidParameter(
      index,
      `not to be written as JSON (${cause instanceof Error ? cause.message : cause})`,
      cause,
    );
  }
  if (json === undefined) throw invalidParameter(index, "not to be written as JSON");
  return json;
}

function nameOf(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
    return typeof name === "string" && name !== ""
      ? `an instance of ${name}`
      : "an object of an unknown class";
  }
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

/** SLUICE_INVALID_PARAMETER for the one at an index. */
export function invalidParameter(index: number, actual: string, cause?: unknown): SluiceError {
  return new SluiceError("SLUICE_INVALID_PARAMETER", { position: index + 1, actual }, { cause });
}
