import { SluiceError } from "../../errors/index.ts";
import type { Dialect } from "./database.ts";
import { isDigitCode, isWordCode, scanSql, wordEnd } from "./sql-scanner.ts";

/** What a statement's text says, before there are any parameters. */
export interface StatementPlan {
  /** With placeholders as the database wants them. */
  readonly sql: string;
  /** How many parameters belong to it. */
  readonly count: number;
  /** Which parameter stands at each placeholder, where that isn't simply their order. */
  readonly order: readonly number[] | undefined;
  readonly access: "read" | "write";
  /** Set where there are question marks beside numbered placeholders, which only PostgreSQL has another meaning for. */
  readonly isMixed: boolean;
}

const COLON = 58;
const QUESTION = 63;
const AT = 64;
const DOLLAR = 36;
const AMPERSAND = 38;
const BAR = 124;
const READS = /^(?:select|values|explain|show|table|desc|describe)$/i;
const WRITES = /\b(?:insert|update|delete|replace|merge)\b/i;

/**
 * Reads a statement's placeholders, `?` or `$1` or SQLite's `?1`, and writes them as the database wants them.
 *
 * In PostgreSQL, where `?` may be an operator, `??` is one, and so is `?` in a statement with `$1`.
 *
 * @throws SLUICE_MIXED_PLACEHOLDERS; SLUICE_QUERY_FAILED for SQLite's named placeholders
 */
export function planStatement(sql: string, dialect: Dialect): StatementPlan {
  const reader = new PlaceholderReader(sql, dialect);
  scanSql(sql, dialect, (code, at) => reader.visit(code, at));
  return reader.plan();
}

interface Placeholder {
  readonly start: number;
  readonly end: number;
  /** From 1; 0 for the next one in order; -1 for a question mark that was doubled. */
  readonly number: number;
}

class PlaceholderReader {
  readonly #sql: string;
  readonly #dialect: Dialect;
  readonly #found: Placeholder[] = [];
  #firstWord = "";

  constructor(sql: string, dialect: Dialect) {
    this.#sql = sql;
    this.#dialect = dialect;
  }

  visit(code: number, at: number): number {
    if (code === QUESTION) return this.#questionMark(at);
    if (code === DOLLAR && isDigitCode(this.#sql.charCodeAt(at + 1))) return this.#numbered(at);
    if (isWordCode(code)) return this.#word(at);
    if (this.#dialect === "sqlite" && (code === COLON || code === AT)) this.#refuseNamed(at);
    return at + 1;
  }

  plan(): StatementPlan {
    const access = this.#access();
    const numbered = this.#found.filter(({ number }) => number > 0);
    const inOrder = this.#found.filter(({ number }) => number === 0);
    if (numbered.length === 0) return this.#planInOrder(inOrder.length, access);
    const isMixed = inOrder.length > 0;
    if (isMixed && this.#dialect !== "postgres") throw new SluiceError("SLUICE_MIXED_PLACEHOLDERS");
    return this.#planNumbered(numbered, access, isMixed);
  }

  #questionMark(at: number): number {
    const next = this.#sql.charCodeAt(at + 1);
    if (this.#dialect === "postgres") {
      if (next === QUESTION) return this.#add(at, at + 2, -1);
      // ?| and ?& are operators; ?|| is a placeholder and what follows it.
      if (next === AMPERSAND || (next === BAR && this.#sql.charCodeAt(at + 2) !== BAR)) return at + 2;
    }
    if (this.#dialect === "sqlite" && isDigitCode(next)) return this.#numbered(at);
    return this.#add(at, at + 1, 0);
  }

  #numbered(at: number): number {
    let end = at + 1;
    while (isDigitCode(this.#sql.charCodeAt(end))) end += 1;
    const number = Number(this.#sql.slice(at + 1, end));
    // None has the number 0: the database is to say so.
    return number === 0 ? end : this.#add(at, end, number);
  }

  #add(start: number, end: number, number: number): number {
    this.#found.push({ start, end, number });
    return end;
  }

  #word(at: number): number {
    const end = wordEnd(this.#sql, at);
    if (this.#firstWord === "") this.#firstWord = this.#sql.slice(at, end);
    if (this.#dialect === "sqlite" && this.#sql.charCodeAt(at) === DOLLAR) this.#refuseNamed(at);
    return end;
  }

  // SQLite takes NULL for what isn't bound, so that a statement would seem to work.
  #refuseNamed(at: number): void {
    if (!isWordCode(this.#sql.charCodeAt(at + 1))) return;
    const reason = `named placeholders aren't taken, such as that at character ${at + 1}; write ? or $1`;
    throw new SluiceError("SLUICE_QUERY_FAILED", { name: "sqlite", reason });
  }

  #access(): "read" | "write" {
    if (READS.test(this.#firstWord)) return "read";
    return /^with$/i.test(this.#firstWord) && !WRITES.test(this.#sql) ? "read" : "write";
  }

  #planInOrder(count: number, access: "read" | "write"): StatementPlan {
    let position = 0;
    const sql =
      this.#dialect === "postgres"
        ? this.#rewrite(({ number }) => {
            if (number === -1) return "?";
            position += 1;
            return `$${position}`;
          })
        : this.#sql;
    return { sql, count, order: undefined, access, isMixed: false };
  }

  #planNumbered(numbered: readonly Placeholder[], access: "read" | "write", isMixed: boolean): StatementPlan {
    const numbers = numbered.map(({ number }) => number);
    const count = numbers.reduce((most, number) => Math.max(most, number), 0);
    if (this.#dialect === "mysql")
      return {
        sql: this.#rewrite(() => "?"),
        count,
        order: numbers.map((number) => number - 1),
        access,
        isMixed,
      };
    const mark = this.#dialect === "sqlite" ? "?" : "$";
    const sql = this.#rewrite(({ number }) => (number > 0 ? `${mark}${number}` : "?"));
    return { sql, count, order: undefined, access, isMixed };
  }

  #rewrite(write: (placeholder: Placeholder) => string): string {
    let text = "";
    let from = 0;
    for (const placeholder of this.#found) {
      text += this.#sql.slice(from, placeholder.start) + write(placeholder);
      from = placeholder.end;
    }
    return text + this.#sql.slice(from);
  }
}
