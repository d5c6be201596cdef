import { isBlank, isTokenCharacter } from "./http-syntax.ts";

const COLON = 0x3a;

/** Why the lines of a head can't be taken for header fields. */
export type FieldsProblem = "malformed" | "too-many";

/**
 * Splits the lines of a head that follow the first one into names and values, in turns. Names are tokens directly before
 * their colon, so that a line that is folded onto the one before it (RFC 9112 §5.2) and a blank before the colon (§5.1)
 * are malformed.
 *
 * @param text A head of which `findHeadEnd` has seen every byte: each line with its CR LF, without the empty line.
 * @param at Where the first field begins.
 * @param maxCount How many fields are taken at most.
 */
export function splitFields(text: string, at: number, maxCount: number): string[] | FieldsProblem {
  const fields: string[] = [];
  let lineStart = at;
  while (lineStart < text.length) {
    if (fields.length === maxCount * 2) return "too-many";
    const colon = endOfName(text, lineStart);
    if (colon === lineStart || text.charCodeAt(colon) !== COLON) return "malformed";
    const lineEnd = text.indexOf("\r", colon);
    fields.push(text.slice(lineStart, colon), fieldValue(text, colon + 1, lineEnd));
    lineStart = lineEnd + 2;
  }
  return fields;
}

/**
 * The value of the first field of a name, in a head of which {@link splitFields} has seen every line.
 *
 * @param lowerName The name, in lower case.
 */
export function findField(text: string, at: number, lowerName: string): string | undefined {
  let lineStart = at;
  while (lineStart < text.length) {
    const lineEnd = text.indexOf("\r", lineStart);
    const colon = lineStart + lowerName.length;
    if (text.charCodeAt(colon) === COLON && text.slice(lineStart, colon).toLowerCase() === lowerName) {
      return fieldValue(text, colon + 1, lineEnd);
    }
    lineStart = lineEnd + 2;
  }
  return undefined;
}

/** As {@link findField}, with the values of all fields of the name, joined with commas: for those that are lists. */
export function joinFields(text: string, at: number, lowerName: string): string | undefined {
  const fields = splitFields(text, at, Number.MAX_SAFE_INTEGER);
  if (typeof fields === "string") return undefined;
  const values = fields.filter(
    (_, index) => index % 2 === 1 && fields[index - 1]?.toLowerCase() === lowerName,
  );
  return values.length === 0 ? undefined : values.join(", ");
}

function endOfName(text: string, at: number): number {
  let next = at;
  while (isTokenCharacter(text.charCodeAt(next))) next++;
  return next;
}

function fieldValue(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}
