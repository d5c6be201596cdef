import type { Value } from "../database.ts";
import { LostError } from "../servers/connection-errors.ts";
import type { SessionCursor } from "../servers/session.ts";
import type { PgCursor } from "./pg-module.ts";

type Row = Record<string, Value>;

/** What a cursor needs of its session. */
export interface CursorSession {
  readonly isBroken: boolean;
  interrupt(): Promise<void>;
  /** What an error is to those outside: a LostError if the connection is gone. */
  asFailure(error: unknown): unknown;
}

/** Rows of a portal, fetched some at a time. */
export class PostgresCursor implements SessionCursor {
  readonly #session: CursorSession;
  readonly #cursor: PgCursor;
  readonly #batchRows: number;
  #isDone = false;
  #pending: Promise<unknown> | null = null;

  constructor(session: CursorSession, cursor: PgCursor, batchRows: number) {
    this.#session = session;
    this.#cursor = cursor;
    this.#batchRows = batchRows;
  }

  get isEnded(): boolean {
    return this.#isDone;
  }

  async next(): Promise<Row[]> {
    if (this.#isDone) return [];
    const reading = this.#read();
    this.#pending = reading.catch(() => {});
    try {
      const rows = await reading;
      // Fewer than were asked for: the statement has completed.
      if (rows.length < this.#batchRows) this.#isDone = true;
      return rows;
    } catch (error) {
      this.#isDone = true;
      throw this.#session.asFailure(error);
    } finally {
      this.#pending = null;
    }
  }

  async close(): Promise<void> {
    if (this.#pending !== null) {
      await Promise.all([this.#session.interrupt(), this.#pending]);
    }
    if (this.#isDone) return;
    this.#isDone = true;
    if (this.#session.isBroken) return;
    await new Promise<void>((resolve, reject) => {
      this.#cursor.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
  }

  #read(): Promise<Row[]> {
    if (this.#session.isBroken) return Promise.reject(new LostError("the connection is gone"));
    return new Promise((resolve, reject) => {
      this.#cursor.read(this.#batchRows, (error, rows) => {
        if (error !== null && error !== undefined) reject(error);
        else resolve(rows as Row[]);
      });
    });
  }
}
