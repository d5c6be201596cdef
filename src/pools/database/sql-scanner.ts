import type { Dialect } from "./database.ts";

/** Where a scanner has come to something that isn't quoted and isn't a comment. */
export type Visit = (code: number, at: number) => number;

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const HASH = 35;
const DOLLAR = 36;
const QUOTE = 39;
const ASTERISK = 42;
const DASH = 45;
const SLASH = 47;
const OPENING_BRACKET = 91;
const BACKSLASH = 92;
const BACKTICK = 96;

/**
 * Goes over a statement once, from left to right, past everything that is quoted or a comment by the dialect's rules.
 *
 * @param visit is called with each other character and where it stands, and gives where to go on; one further means on to the next
 */
export function scanSql(sql: string, dialect: Dialect, visit: Visit): void {
  let at = 0;
  while (at < sql.length) {
    const code = sql.charCodeAt(at);
    const after = skipQuoted(sql, at, code, dialect);
    at = after === at ? visit(code, at) : after;
  }
}

/** Whether a character may stand in a name. */
export function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    isDigitCode(code) ||
    code === 95 ||
    code === DOLLAR ||
    code >= 128
  );
}

/** Where the word ends that begins at a place. */
export function wordEnd(sql: string, start: number): number {
  let end = start + 1;
  while (end < sql.length && isWordCode(sql.charCodeAt(end))) end += 1;
  return end;
}

/** Whether a character is one of 0 to 9. */
export function isDigitCode(code: number): boolean {
  return code >= 48 && code <= 57;
}

// Where the quoted text or the comment that begins here ends; here, if none begins.
function skipQuoted(sql: string, at: number, code: number, dialect: Dialect): number {
  switch (code) {
    case QUOTE:
      return skipString(sql, at, code, hasBackslashes(sql, at, dialect));
    case DOUBLE_QUOTE:
      return skipString(sql, at, code, dialect === "mysql");
    case BACKTICK:
      return dialect === "postgres" ? at : skipString(sql, at, code, false);
    case OPENING_BRACKET:
      return dialect === "sqlite" ? skipTo(sql, at + 1, "]") : at;
    case DASH:
      return beginsLineComment(sql, at, dialect) ? skipTo(sql, at, "\n") : at;
    case HASH:
      return dialect === "mysql" ? skipTo(sql, at, "\n") : at;
    case SLASH:
      return skipBlockComment(sql, at, dialect);
    case DOLLAR:
      return dialect === "postgres" ? skipDollarQuoted(sql, at) : at;
    default:
      return at;
  }
}

// PostgreSQL's E'…' is the only one of its kind with backslashes, and the e is a word of its own.
function hasBackslashes(sql: string, at: number, dialect: Dialect): boolean {
  if (dialect !== "postgres") return dialect === "mysql";
  const before = sql.charCodeAt(at - 1) | SPACE;
  return at > 0 && before === 101 && !(at > 1 && isWordCode(sql.charCodeAt(at - 2)));
}

// A doubled quote needs no care: it ends one string and begins the next.
function skipString(sql: string, at: number, quote: number, hasEscapes: boolean): number {
  for (let index = at + 1; index < sql.length; index++) {
    const code = sql.charCodeAt(index);
    if (code === quote) {
      if (!hasEscapes || sql.charCodeAt(index + 1) !== quote) return index + 1;
      // Here it does: what follows is still a string with backslashes.
      index += 1;
    } else if (hasEscapes && code === BACKSLASH) index += 1;
  }
  return sql.length;
}

function skipTo(sql: string, from: number, end: string): number {
  const at = sql.indexOf(end, from);
  return at === -1 ? sql.length : at + end.length;
}

// In MySQL a space must follow: 5--1 is 6.
function beginsLineComment(sql: string, at: number, dialect: Dialect): boolean {
  if (sql.charCodeAt(at + 1) !== DASH) return false;
  if (dialect !== "mysql" || at + 2 >= sql.length) return true;
  const next = sql.charCodeAt(at + 2);
  return next === SPACE || (next >= TAB && next <= NEWLINE + 3);
}

function skipBlockComment(sql: string, at: number, dialect: Dialect): number {
  if (sql.charCodeAt(at + 1) !== ASTERISK) return at;
  // MySQL runs what stands in /*! */ and MariaDB also what stands in /*M! */.
  if (dialect === "mysql" && /^M?!/.test(sql.slice(at + 2, at + 4))) return at;
  return dialect === "postgres" ? skipNested(sql, at) : skipTo(sql, at + 2, "*/");
}

function skipNested(sql: string, at: number): number {
  let depth = 0;
  for (let index = at; index < sql.length; index++) {
    const code = sql.charCodeAt(index);
    const next = sql.charCodeAt(index + 1);
    if (code === SLASH && next === ASTERISK) {
      depth += 1;
      index += 1;
    } else if (code === ASTERISK && next === SLASH) {
      depth -= 1;
      index += 1;
      if (depth === 0) return index + 1;
    }
  }
  return sql.length;
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

// $$…$$ and $tag$…$tag$; in a name, as in a$b$, a dollar quotes nothing.
function skipDollarQuoted(sql: string, at: number): number {
  if (at > 0 && isWordCode(sql.charCodeAt(at - 1))) return at;
  DOLLAR_TAG.lastIndex = at;
  const tag = DOLLAR_TAG.exec(sql)?.[0];
  return tag === undefined ? at : skipTo(sql, at + tag.length, tag);
}
