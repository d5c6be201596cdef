import { isWordCode, scanSql, wordEnd } from "../sql-scanner.ts";

const SEMICOLON = 59;
const TRIGGER = /^(?:EXPLAIN (?:QUERY PLAN )?)?CREATE (?:TEMP |TEMPORARY )?TRIGGER $/;
const MAX_WORDS = 6;

/** Whether there is another statement behind the first, which SQLite would silently leave out. */
export function isSeveral(sql: string): boolean {
  if (!sql.includes(";")) return false;
  const finder = new Finder(sql);
  scanSql(sql, "sqlite", (code, at) => finder.visit(code, at));
  return finder.found;
}

class Finder {
  found = false;
  readonly #sql: string;
  #words = "";
  #wordCount = 0;
  /** What a trigger does is several statements in one; it ends with an END right behind a semicolon. */
  #isInTrigger = false;
  #isAfterSemicolon = false;
  #isOver = false;

  constructor(sql: string) {
    this.#sql = sql;
  }

  visit(code: number, at: number): number {
    if (/\s/.test(this.#sql.charAt(at))) return at + 1;
    if (code === SEMICOLON) {
      if (!this.#isInTrigger) this.#isOver = true;
      this.#isAfterSemicolon = true;
      return at + 1;
    }
    if (this.#isOver) {
      this.found = true;
      return this.#sql.length;
    }
    const end = isWordCode(code) ? wordEnd(this.#sql, at) : at + 1;
    this.#token(this.#sql.slice(at, end).toUpperCase());
    this.#isAfterSemicolon = false;
    return end;
  }

  #token(text: string): void {
    if (this.#wordCount < MAX_WORDS) {
      this.#wordCount += 1;
      this.#words += `${text} `;
      if (TRIGGER.test(this.#words)) this.#isInTrigger = true;
    }
    if (text === "END" && this.#isAfterSemicolon) this.#isInTrigger = false;
  }
}
