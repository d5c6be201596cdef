import type { RowStream, StatementResult } from "../driver.ts";
import { threadGone } from "./sqlite-call.ts";
import { hasResultCode, RESULT_CODES, wasCancelled } from "./sqlite-failure.ts";
import type { Pending, SqliteThread } from "./sqlite-thread.ts";
import { REQUEST, type Request, type RequestKind } from "./thread-protocol.ts";

type Rows = StatementResult["rows"];

interface Waiting {
  resolve(rows: Rows): void;
  reject(error: Error): void;
}

/** Where a stream runs. */
export interface StreamSource {
  /** @throws SqliteFailure if no thread takes it */
  thread(): SqliteThread;
  /** What gives its rows if it turns out to write; undefined where that is the thread's own affair. */
  readonly instead: (() => RowStream) | undefined;
}

/** Rows that a thread gives a few at a time, from a statement that stays open there. It holds a slot for as long. */
export class SqliteStream implements RowStream, Pending {
  holdsSlot = true;
  readonly isMovable = false;
  readonly #request: Request;
  readonly #source: StreamSource;
  #thread: SqliteThread | undefined;
  #slot = 0;
  #waiting: Waiting | undefined;
  #onClosed: (() => void) | undefined;
  #isEnded = false;
  #isClosed = false;
  #isFirst = true;
  #instead: RowStream | undefined;

  constructor(request: Request, source: StreamSource) {
    this.#request = request;
    this.#source = source;
  }

  next(): Promise<Rows> {
    if (this.#instead !== undefined) return this.#instead.next();
    if (this.#isClosed) return Promise.reject(wasCancelled());
    if (this.#isEnded) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      try {
        this.#ask();
      } catch (error) {
        this.#end();
        reject(error as Error);
      }
    });
  }

  close(): Promise<void> {
    if (this.#instead !== undefined) return this.#instead.close();
    const thread = this.#thread;
    if (this.#isClosed || this.#isEnded || thread === undefined) {
      this.#isClosed = true;
      return Promise.resolve();
    }
    this.#isClosed = true;
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      if (this.#waiting === undefined) this.#askToClose(thread);
      else if (thread.withdraw(this.#slot)) this.#giveUp();
      else thread.cancel(this.#slot, this, () => this.#giveUp());
    });
  }

  settle({ rows }: StatementResult, isEnd: boolean): void {
    this.#isFirst = false;
    if (isEnd) this.#end();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#isClosed && !isEnd) {
      // It was given up while its rows were on their way.
      waiting?.reject(wasCancelled());
      if (this.#thread !== undefined) this.#askToClose(this.#thread);
    } else waiting?.resolve(rows);
  }

  fail(error: Error): void {
    const waiting = this.#waiting;
    const isWrongRead = hasResultCode(error, RESULT_CODES.readOnly);
    this.#end();
    if (isWrongRead && this.#isFirst && this.#source.instead !== undefined && !this.#isClosed) {
      this.#instead = this.#source.instead();
      this.#instead.next().then(waiting?.resolve, waiting?.reject);
    } else waiting?.reject(this.#isClosed ? wasCancelled() : error);
  }

  lose(wasStarted: boolean, reason: string): void {
    const isUntouched = this.#isFirst && !wasStarted;
    this.fail(this.#isClosed ? wasCancelled() : threadGone(!isUntouched, reason));
  }

  #ask(): void {
    if (this.#thread === undefined) {
      const thread = this.#source.thread();
      this.#slot = thread.ask(this.#request, this);
      this.#thread = thread;
    } else this.#thread.askAgain(this.#slot, this.#follow(REQUEST.next));
  }

  #askToClose(thread: SqliteThread): void {
    this.holdsSlot = false;
    // Its answer comes as rows that are at their end.
    thread.askAgain(this.#slot, this.#follow(REQUEST.close));
  }

  #follow(kind: RequestKind): Request {
    return { kind, session: 0, sql: "", limit: 0, params: [] };
  }

  // Nobody waits for it any longer; the slot stays taken until the thread has answered.
  #giveUp(): void {
    this.#waiting?.reject(wasCancelled());
    this.#waiting = undefined;
    this.#onClosed?.();
  }

  #end(): void {
    this.#isEnded = true;
    this.holdsSlot = false;
    this.#onClosed?.();
  }
}
