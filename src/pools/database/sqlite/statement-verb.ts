import { LRUCache } from "lru-cache";
import { isWordCode, scanSql, wordEnd } from "../sql-scanner.ts";

/** What a statement does, as far as it matters for how it is run. */
export type Verb =
  /** Gives rows and changes nothing. */
  | "select"
  | "insert"
  | "update"
  | "delete"
  /** Changes the schema, in a transaction if there is one. */
  | "schema"
  /** Can't run, or means something else, within a transaction: VACUUM, PRAGMA, ATTACH. */
  | "alone"
  /** SAVEPOINT, RELEASE, ROLLBACK TO. */
  | "savepoint"
  /** BEGIN, COMMIT, END, ROLLBACK. */
  | "transaction";

const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ["SELECT", "select"],
  ["VALUES", "select"],
  ["EXPLAIN", "select"],
  ["INSERT", "insert"],
  ["REPLACE", "insert"],
  ["UPDATE", "update"],
  ["DELETE", "delete"],
  ["CREATE", "schema"],
  ["DROP", "schema"],
  ["ALTER", "schema"],
  ["ANALYZE", "schema"],
  ["REINDEX", "schema"],
  ["SAVEPOINT", "savepoint"],
  ["RELEASE", "savepoint"],
  ["BEGIN", "transaction"],
  ["COMMIT", "transaction"],
  ["END", "transaction"],
]);
const ROWS_OR_CHANGES: ReadonlySet<string> = new Set(["select", "insert", "update", "delete"]);
// Whoever writes asks two or three times for each statement, and runs the same ones again and again.
const verbs = new LRUCache<string, Verb>({ max: 256 });
const OPENING_PARENTHESIS = 40;
const CLOSING_PARENTHESIS = 41;

/** Finds out what a statement does from its first word; of one that begins with WITH, from the first that says it after the CTEs. */
export function verbOf(sql: string): Verb {
  const known = verbs.get(sql);
  if (known !== undefined) return known;
  const finder = new VerbFinder(sql);
  scanSql(sql, "sqlite", (code, at) => finder.visit(code, at));
  verbs.set(sql, finder.found);
  return finder.found;
}

class VerbFinder {
  found: Verb = "alone";
  readonly #sql: string;
  #depth = 0;
  #isWith = false;

  constructor(sql: string) {
    this.#sql = sql;
  }

  visit(code: number, at: number): number {
    if (isWordCode(code)) return this.#word(at);
    if (code === OPENING_PARENTHESIS) this.#depth += 1;
    else if (code === CLOSING_PARENTHESIS) this.#depth -= 1;
    return at + 1;
  }

  #word(at: number): number {
    const end = wordEnd(this.#sql, at);
    if (this.#depth > 0) return end;
    const word = this.#sql.slice(at, end).toUpperCase();
    if (this.#isWith) {
      const verb = VERBS.get(word);
      if (verb === undefined || !ROWS_OR_CHANGES.has(verb)) return end;
      this.found = verb;
    } else if (word === "WITH") {
      this.#isWith = true;
      this.found = "select";
      return end;
    } else this.found = firstVerb(word, this.#sql, end);
    return this.#sql.length;
  }
}

function firstVerb(word: string, sql: string, end: number): Verb {
  if (word === "ROLLBACK")
    return /^\s+(?:TRANSACTION\s+)?TO\b/i.test(sql.slice(end)) ? "savepoint" : "transaction";
  return VERBS.get(word) ?? "alone";
}
