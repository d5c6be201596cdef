import type { MessagePort } from "node:worker_threads";
import { reasonOf } from "../../../internal/reason-of.ts";
import { errcodeOf, nameOf, OWN_CODES, SqliteFailure, wasCancelled } from "./sqlite-failure.ts";
import { ANSWER, type Columns, type ThreadMessage } from "./thread-protocol.ts";

// So many values are sent without waiting for the rest of what was asked.
const FLUSH_VALUES = 8_192;

/** What a thread has to answer, gathered into one message. */
export class AnswerBatch {
  readonly #port: MessagePort;
  #answers: unknown[] = [];
  #columns: Columns[] = [];
  #forget: number[] = [];
  #nextColumnsId = 1;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** A place to {@link AnswerBatch.takeBack} to. */
  get mark(): number {
    return this.#answers.length;
  }

  /** Whether enough has been gathered to be sent. */
  get isLarge(): boolean {
    return this.#answers.length >= FLUSH_VALUES;
  }

  /** Forgets what was answered since a mark. Nothing may have been sent since. */
  takeBack(mark: number): void {
    this.#answers.length = mark;
  }

  /** Tells of columns that rows will have. @returns how to call them */
  announce(names: readonly string[], types: readonly (string | null)[]): number {
    const id = this.#nextColumnsId++;
    this.#columns.push({ id, names, types });
    return id;
  }

  /** These columns won't be referred to again. */
  forget(id: number): void {
    this.#forget.push(id);
  }

  /** Answers that something was done. */
  done(slot: number, affectedRows = 0, lastInsertId: number | bigint | null = null): void {
    this.#answers.push(slot, ANSWER.done, affectedRows, lastInsertId);
  }

  /** Begins an answer with rows: {@link AnswerBatch.values} follow, then {@link AnswerBatch.endRows}. @returns what the latter wants */
  beginRows(slot: number): number {
    const start = this.#answers.length;
    this.#answers.push(slot, ANSWER.rows, 0, null, 0, true, 0);
    return start;
  }

  /** Where the values of rows go. Not to be kept. */
  get values(): unknown[] {
    return this.#answers;
  }

  /** Says what the rows since {@link AnswerBatch.beginRows} were. */
  endRows(start: number, columns: number, rows: number, isEnd: boolean): void {
    this.#answers[start + 4] = columns;
    this.#answers[start + 5] = isEnd;
    this.#answers[start + 6] = rows;
  }

  /** Says what the statement whose rows these are has changed. */
  setChanges(start: number, affectedRows: number, lastInsertId: number | bigint | null): void {
    this.#answers[start + 2] = affectedRows;
    this.#answers[start + 3] = lastInsertId;
  }

  /** Answers that something failed. */
  failed(slot: number, error: unknown): void {
    const { errcode, code, message } = describe(error);
    this.#answers.push(slot, ANSWER.failed, errcode, code, message);
  }

  /** Answers that something was stopped, or never begun. */
  cancelled(slot: number): void {
    this.failed(slot, wasCancelled());
  }

  /** Says that the database is open. */
  ready(): void {
    this.#port.postMessage({ ready: true, answers: [] } satisfies ThreadMessage);
  }

  /** Sends what has been gathered. */
  flush(): void {
    if (this.#answers.length === 0 && this.#forget.length === 0) return;
    const message: ThreadMessage = {
      ...(this.#columns.length > 0 && { columns: this.#columns }),
      ...(this.#forget.length > 0 && { forget: this.#forget }),
      answers: this.#answers,
    };
    this.#port.postMessage(message);
    this.#answers = [];
    this.#columns = [];
    this.#forget = [];
  }
}

function describe(error: unknown): { errcode: number; code: string; message: string } {
  if (error instanceof SqliteFailure) return error;
  const errcode = errcodeOf(error);
  const message = reasonOf(error);
  return { errcode, code: errcode === 0 ? OWN_CODES.refused : nameOf(errcode), message };
}
