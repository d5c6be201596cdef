import type { Value } from "../database.ts";
import type { Statement, StatementResult } from "../driver.ts";

/** Is told what came of something, once. */
export interface Outcome<Result> {
  succeed(result: Result): void;
  /** @param error a LostError if the connection is gone with it, otherwise the driver's error */
  fail(error: unknown): void;
}

/** Is told what came of a statement. */
export interface StatementOutcome extends Outcome<StatementResult> {
  /** More rows have come than the statement allows: the rest is dropped until it ends, as if it were all. */
  exceeded(): void;
}

/** Rows of a statement, some at a time. */
export interface SessionCursor {
  /** Whether the statement has ended, so that the session is free. */
  readonly isEnded: boolean;
  /** The next rows, at most as many as were asked for; an empty array at the end, after which the session is free. */
  next(): Promise<Record<string, Value>[]>;
  /** Stops the statement if it isn't done. Settles when the session is free; a `next` that is pending settles before. */
  close(): Promise<void>;
}

/** A connection that was taken from its pool: it does one thing at a time, until it is released or destroyed. */
export interface Session {
  /** Whether the connection is gone. */
  readonly isBroken: boolean;
  run(statement: Statement, outcome: StatementOutcome): void;
  /** Runs a statement that gives no rows, or a script of several, without preparing it. The result is the last one's command tag. */
  control(sql: string, outcome: Outcome<string>): void;
  /** Has the server answer. */
  ping(outcome: Outcome<void>): void;
  openCursor(statement: Statement, batchRows: number): SessionCursor;
  /** Asks the server, on another connection, to stop what this one does. Never rejects: the server may not have heard of it. */
  interrupt(): Promise<void>;
  /** Gives it back to its pool; lets it go if it is broken. */
  release(): void;
  /** Closes the connection at once. What is under way on it is told nothing, and it has to be released all the same. */
  destroy(reason: string): void;
}

/** Is given a session once there is one. */
export interface SessionTaker {
  take(session: Session): void;
  /**
   * There is none.
   *
   * @param error a ConnectError
   * @returns false if it has given up waiting, so that nobody hears of it
   */
  refuse(error: unknown): boolean;
}

/** A pool of connections. Nobody takes more than `maxSize` at a time, so that nobody waits for anything but a connection being made. */
export interface SessionPool {
  readonly maxSize: number;
  readonly size: number;
  readonly idle: number;
  readonly connects: number;
  /** Gives a connection that works, as far as can be known. */
  acquire(taker: SessionTaker): void;
  /** Lets all connections go. */
  close(): Promise<void>;
}
