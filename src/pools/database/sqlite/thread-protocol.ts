import type { Value } from "../database.ts";
import type { Statement } from "../driver.ts";

/** What a thread is asked to do. */
export const REQUEST = {
  /** A statement that only reads. */
  read: 1,
  /** Any other statement. */
  write: 2,
  /** Statements separated by semicolons, without parameters. */
  script: 3,
  /** Opens a stream and gives its first rows; the stream is known by the request's slot. */
  open: 4,
  /** The next rows of a stream. */
  next: 5,
  /** Ends a stream. */
  close: 6,
  /** Begins a transaction, known by the request's slot. Its `limit` is one of {@link BEGIN}. */
  begin: 7,
  commit: 8,
  rollback: 9,
  /** Tries to take a lock between processes. */
  lock: 10,
  unlock: 11,
  /** Sees that the database answers. */
  ping: 12,
  /** Closes the database and ends the thread. */
  end: 13,
} as const;

/** One of {@link REQUEST}. */
export type RequestKind = (typeof REQUEST)[keyof typeof REQUEST];

/** How a transaction begins. */
export const BEGIN = {
  /** One that writes, and has the writer for itself. */
  write: 0,
  /** A snapshot. */
  read: 1,
  /** None: the writer for itself, whatever is then run on it. */
  none: 2,
} as const;

/** A parameter as it crosses to a thread. */
export type WireValue = null | boolean | number | bigint | string | Uint8Array;

/** A request, apart from the slot it is answered under. */
export interface Request {
  readonly kind: RequestKind;
  /** The transaction that it is part of: the slot that it was begun under; 0 for none. */
  readonly session: number;
  readonly sql: string;
  /** The most rows, how many rows at a time, or how to begin. */
  readonly limit: number;
  readonly params: readonly WireValue[];
}

/** A request as a thread has it. */
export interface ThreadRequest extends Request {
  readonly slot: number;
}

/** How a thread answers. */
export const ANSWER = {
  /** Followed by the affected rows and the last id. */
  done: 1,
  /** Followed by affected rows, last id, shape, whether it is the end, number of rows, and their values one after the other. */
  rows: 2,
  /** Followed by the number of the error, its code and its message. */
  failed: 3,
} as const;

/** The columns of results to come. */
export interface Columns {
  readonly id: number;
  readonly names: readonly string[];
  /** As they were declared; null for expressions. */
  readonly types: readonly (string | null)[];
}

/** What a thread sends: all that it has at the moment. */
export interface ThreadMessage {
  /** The database is open. */
  readonly ready?: true;
  /** Columns that answers refer to from now on. */
  readonly columns?: readonly Columns[];
  /** Columns that are not referred to any more. */
  readonly forget?: readonly number[];
  /** Answers one after the other. */
  readonly answers: readonly unknown[];
}

/** What a thread is started with. */
export interface ThreadData {
  readonly path: string;
  readonly role: "writer" | "reader";
  /** It needn't survive anything, and so is never synced. */
  readonly isTemporary: boolean;
  /** The states of its slots. */
  readonly states: Int32Array;
  /** One number for all threads of a database: how often the schema has been changed. */
  readonly schemaEpoch: Int32Array;
}

const HEADER_LENGTH = 6;

// One flat array for everything that is asked in a turn: the structured clone of an object per request costs four times as much.
/** Puts a request at the end of a batch. */
export function appendRequest(batch: unknown[], slot: number, request: Request): void {
  const { params } = request;
  batch.push(slot, request.kind, request.session, request.sql, request.limit, params.length);
  for (let at = 0; at < params.length; at++) batch.push(params[at]);
}

/** Takes a batch apart. */
export function readRequests(batch: readonly unknown[], take: (request: ThreadRequest) => void): void {
  for (let at = 0; at < batch.length; ) {
    const [slot, kind, session, sql, limit, count] = batch.slice(at, at + HEADER_LENGTH);
    at += HEADER_LENGTH;
    const params = batch.slice(at, at + (count as number)) as WireValue[];
    at += count as number;
    take({
      slot: slot as number,
      kind: kind as RequestKind,
      session: session as number,
      sql: sql as string,
      limit: limit as number,
      params,
    });
  }
}

/** A statement as a request. @throws RangeError for a Date that SQLite can't hold */
export function toRequest(kind: RequestKind, statement: Statement, session: number): Request {
  const { sql, params, maxRows: limit } = statement;
  return { kind, session, sql, limit, params: params.map(toWireValue) };
}

const pad = (value: number, width: number): string => String(value).padStart(width, "0");

/** A value as it crosses to a thread: a Date as `YYYY-MM-DD HH:MM:SS.SSS` in UTC, arrays and objects as JSON. */
export function toWireValue(value: Value): WireValue {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return toTimestamp(value);
  return value instanceof Uint8Array ? value : JSON.stringify(value);
}

function toTimestamp(date: Date): string {
  const year = date.getUTCFullYear();
  // toISOString writes years beyond 9999 with a sign, which SQLite's own date functions can't read either.
  if (!(year >= 0 && year <= 9999))
    throw new RangeError(`${date} can't be written as YYYY-MM-DD HH:MM:SS.SSS`);
  return (
    `${pad(year, 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)} ` +
    `${pad(date.getUTCHours(), 2)}:${pad(date.getUTCMinutes(), 2)}:${pad(date.getUTCSeconds(), 2)}.` +
    pad(date.getUTCMilliseconds(), 3)
  );
}
