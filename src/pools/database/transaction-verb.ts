import type { Dialect } from "./database.ts";
import { isWordCode, scanSql, wordEnd } from "./sql-scanner.ts";

/** What a statement does to the transaction that it runs in. */
export type TransactionVerb =
  /** BEGIN, COMMIT, ROLLBACK, and what else begins or ends one. */
  | "transaction"
  /** SAVEPOINT, RELEASE, ROLLBACK TO. */
  | "savepoint";

// ROLLBACK WORK TO is told by its third.
const MAX_WORDS = 3;
const BY_FIRST_WORD: ReadonlyMap<string, TransactionVerb> = new Map<string, TransactionVerb>([
  ["END", "transaction"],
  ["ABORT", "transaction"],
  ["SAVEPOINT", "savepoint"],
  ["RELEASE", "savepoint"],
]);

/** Finds out from a statement's first words whether it begins or ends a transaction; undefined for all others. */
export function transactionVerbOf(sql: string, dialect: Dialect): TransactionVerb | undefined {
  const [first = "", second = "", third = ""] = firstWords(sql, dialect);
  if (first === "ROLLBACK" && (second === "TO" || third === "TO")) return "savepoint";
  return isTransaction(first, second, dialect) || (dialect === "mysql" && isAutocommit(first, second, third))
    ? "transaction"
    : BY_FIRST_WORD.get(first);
}

function isTransaction(first: string, second: string, dialect: Dialect): boolean {
  switch (first) {
    case "BEGIN":
      // MariaDB's block of statements is none.
      return dialect !== "mysql" || second !== "NOT";
    case "START":
      return second === "TRANSACTION";
    case "COMMIT":
    case "ROLLBACK":
      // Of the two phases of a commit, the second is for whoever asks.
      return second !== "PREPARED";
    case "PREPARE":
      return second === "TRANSACTION" && dialect === "postgres";
    default:
      return false;
  }
}

// Without it MySQL begins a transaction with each statement that comes.
function isAutocommit(first: string, second: string, third: string): boolean {
  if (first !== "SET") return false;
  return second === "AUTOCOMMIT" || ((second === "SESSION" || second === "LOCAL") && third === "AUTOCOMMIT");
}

function firstWords(sql: string, dialect: Dialect): string[] {
  const words: string[] = [];
  scanSql(sql, dialect, (code, at) => {
    if (!isWordCode(code)) return at + 1;
    const end = wordEnd(sql, at);
    words.push(sql.slice(at, end).toUpperCase());
    return words.length === MAX_WORDS ? sql.length : end;
  });
  return words;
}
