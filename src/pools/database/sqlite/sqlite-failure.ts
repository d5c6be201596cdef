import { type Failure, TooManyRows } from "../driver.ts";

/** What went wrong in SQLite or in the thread that it runs in. */
export class SqliteFailure extends Error {
  /** `SQLITE_CONSTRAINT_UNIQUE` and the like, or one of {@link OWN_CODES}. */
  readonly code: string;
  /** SQLite's extended result code; 0 if the error isn't SQLite's. */
  readonly errcode: number;

  constructor(code: string, errcode: number, message: string) {
    super(message);
    this.code = code;
    this.errcode = errcode;
  }
}

Object.defineProperty(SqliteFailure.prototype, "name", { value: "SqliteFailure" });

/** Codes that aren't SQLite's. */
export const OWN_CODES = {
  /** Stopped between two rows, or before it began. */
  cancelled: "CANCELLED",
  /** More rows than were allowed. */
  tooManyRows: "TOO_MANY_ROWS",
  /** A value that SQLite can't hold, or a statement that can't be run here. */
  refused: "REFUSED",
  /** The thread is gone, or has been given up; what it was at may or may not have been done. */
  threadLost: "THREAD_LOST",
  /** The database can't be opened: nothing was done. */
  notOpened: "NOT_OPENED",
  /** No thread takes it: nothing was done. */
  noThread: "NO_THREAD",
} as const;

/** The error of what was stopped. */
export function wasCancelled(): SqliteFailure {
  return new SqliteFailure(OWN_CODES.cancelled, 0, "it was cancelled");
}

const NAMES: Readonly<Record<number, string>> = {
  1: "SQLITE_ERROR",
  2: "SQLITE_INTERNAL",
  3: "SQLITE_PERM",
  4: "SQLITE_ABORT",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  7: "SQLITE_NOMEM",
  8: "SQLITE_READONLY",
  9: "SQLITE_INTERRUPT",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  15: "SQLITE_PROTOCOL",
  17: "SQLITE_SCHEMA",
  18: "SQLITE_TOOBIG",
  19: "SQLITE_CONSTRAINT",
  20: "SQLITE_MISMATCH",
  21: "SQLITE_MISUSE",
  23: "SQLITE_AUTH",
  25: "SQLITE_RANGE",
  26: "SQLITE_NOTADB",
  // Extended: the constraints.
  275: "SQLITE_CONSTRAINT_CHECK",
  531: "SQLITE_CONSTRAINT_COMMITHOOK",
  787: "SQLITE_CONSTRAINT_FOREIGNKEY",
  1043: "SQLITE_CONSTRAINT_FUNCTION",
  1299: "SQLITE_CONSTRAINT_NOTNULL",
  1555: "SQLITE_CONSTRAINT_PRIMARYKEY",
  1811: "SQLITE_CONSTRAINT_TRIGGER",
  2067: "SQLITE_CONSTRAINT_UNIQUE",
  2323: "SQLITE_CONSTRAINT_VTAB",
  2579: "SQLITE_CONSTRAINT_ROWID",
  2835: "SQLITE_CONSTRAINT_PINNED",
  3091: "SQLITE_CONSTRAINT_DATATYPE",
  517: "SQLITE_BUSY_SNAPSHOT",
};

// The binding leaves the number out where it steps through rows, and gives only SQLite's sentence.
const SENTENCES: readonly (readonly [RegExp, number])[] = [
  [/^UNIQUE constraint failed/, 2067],
  [/^NOT NULL constraint failed/, 1299],
  [/^CHECK constraint failed/, 275],
  [/^FOREIGN KEY constraint failed/, 787],
  [/^cannot store .* value in .* column/, 3091],
  [/^constraint failed|constraint failed$/, 19],
  [/^attempt to write a readonly database/, 8],
  [/^database is locked/, 5],
  [/^database (table|schema) is locked/, 6],
  [/^interrupted/, 9],
  [/^disk I\/O error/, 10],
  [/^database disk image is malformed/, 11],
  [/^database or disk is full/, 13],
  [/unable to open database file/, 14],
  [/^file is not a database/, 26],
];

/** The number of an error that the binding threw; 0 if it isn't SQLite's. */
export function errcodeOf(error: unknown): number {
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string };
  if (typeof errcode === "number" && errcode > 0) return errcode;
  if (code !== "ERR_SQLITE_ERROR" || message === undefined) return 0;
  return SENTENCES.find(([sentence]) => sentence.test(message))?.[1] ?? 1;
}

/** SQLite's result codes that are told apart from others here. */
export const RESULT_CODES = { busy: 5, readOnly: 8, cantOpen: 14, constraint: 19 } as const;

/** Whether an error is SQLite's and has a result code, whatever the extended code adds to that. */
export function hasResultCode(error: unknown, code: number): boolean {
  return (errcodeOf(error) & 0xff) === code;
}

/** The name of one of SQLite's result codes. */
export function nameOf(errcode: number): string {
  return NAMES[errcode] ?? NAMES[errcode & 0xff] ?? "SQLITE_ERROR";
}

const KINDS: Readonly<Record<string, Failure["kind"]>> = {
  [OWN_CODES.cancelled]: "cancelled",
  [OWN_CODES.threadLost]: "lost",
  [OWN_CODES.noThread]: "unreachable",
  [OWN_CODES.notOpened]: "unreachable",
};

const PRIMARY_KINDS: Readonly<Record<number, Failure["kind"]>> = {
  3: "unreachable",
  5: "conflict",
  6: "conflict",
  9: "cancelled",
  // A commit that couldn't be synced may turn up after a crash all the same.
  10: "lost",
  11: "unreachable",
  14: "unreachable",
  15: "unreachable",
  19: "constraint",
  26: "unreachable",
};

/** What an error means. */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof TooManyRows || !(error instanceof SqliteFailure)) return { kind: "statement" };
  return { kind: KINDS[error.code] ?? PRIMARY_KINDS[error.errcode & 0xff] ?? "statement" };
}
