import type { Value } from "../database.ts";
import type { RowStream, Statement } from "../driver.ts";
import { LostError, NotStartedError } from "./connection-errors.ts";
import { promised } from "./promised.ts";
import type { Session, SessionCursor, SessionTaker } from "./session.ts";
import { STOP_MS } from "./session-call.ts";

/** Rows of a statement, on whatever session it is given. */
export class SessionStream implements RowStream, SessionTaker {
  readonly #statement: Statement;
  readonly #batchRows: number;
  readonly #keepsSession: boolean;
  readonly #cursor: Promise<SessionCursor>;
  #ready!: (cursor: SessionCursor) => void;
  #fail!: (error: unknown) => void;
  #session: Session | null = null;
  #isDone = false;
  #closing: Promise<void> | null = null;
  // Has a `next` that is pending end when its connection is given up.
  #giveUp: ((error: Error) => void) | null = null;

  /** @param keepsSession Whether the session is somebody else's, so that it isn't released at the end. */
  constructor(statement: Statement, batchRows: number, keepsSession: boolean) {
    this.#statement = statement;
    this.#batchRows = batchRows;
    this.#keepsSession = keepsSession;
    this.#cursor = new Promise((resolve, reject) => {
      this.#ready = resolve;
      this.#fail = reject;
    });
    // Nobody may ever ask for rows.
    this.#cursor.catch(() => {});
  }

  take(session: Session): void {
    this.#session = session;
    if (this.#isDone) {
      this.#letGo();
      return;
    }
    // A driver's pool calls this: what got out would be nobody's.
    try {
      this.#ready(session.openCursor(this.#statement, this.#batchRows));
    } catch (error) {
      this.#fail(error);
      this.#end();
    }
  }

  refuse(error: unknown): boolean {
    if (this.#isDone) return false;
    this.#isDone = true;
    this.#fail(error);
    return true;
  }

  async next(): Promise<Record<string, Value>[]> {
    if (this.#closing !== null) return [];
    const cursor = await this.#cursor;
    if (this.#isDone) return [];
    const givenUp = new Promise<never>((_, reject) => {
      this.#giveUp = reject;
    });
    try {
      const rows = await Promise.race([cursor.next(), givenUp]);
      // Of rows that have not ended, the session is still at work on the rest: closing them frees it.
      if (rows.length === 0 && cursor.isEnded) this.#end();
      return rows;
    } catch (error) {
      // While it is being closed, its session is not free yet.
      if (this.#closing === null) this.#end();
      throw error;
    } finally {
      this.#giveUp = null;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#isDone) return;
    if (this.#session === null) {
      this.#isDone = true;
      this.#fail(new NotStartedError());
      return;
    }
    const cursor = await this.#cursor;
    const session = this.#session;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        session.destroy("it didn't stop a statement in time");
        this.#giveUp?.(new LostError("the server didn't stop the statement in time"));
        resolve();
      }, STOP_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      cursor
        .close()
        // Should the server hear only now that it is to stop something, then it is this.
        .then(() => promised<void>((pinged) => session.ping(pinged)))
        .then(done, done);
    });
    this.#end();
  }

  #end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#letGo();
  }

  #letGo(): void {
    if (!this.#keepsSession) this.#session?.release();
  }
}
