import { type Running, type Statement, type StatementResult, TooManyRows } from "../driver.ts";
import { LostError, NotStartedError } from "./connection-errors.ts";
import { promised } from "./promised.ts";
import type { Session, SessionTaker, StatementOutcome } from "./session.ts";

/** How long a server may take to stop a statement before its connection is given up. */
export const STOP_MS = 1_000;

/** A statement under way, on whatever session it is given. */
export class SessionCall implements Running<StatementResult>, SessionTaker, StatementOutcome {
  readonly result: Promise<StatementResult>;
  readonly #statement: Statement;
  readonly #keepsSession: boolean;
  #resolve!: (result: StatementResult) => void;
  #reject!: (error: unknown) => void;
  #session: Session | null = null;
  #isSettled = false;
  #stop: Stop | null = null;

  /** @param keepsSession Whether the session is somebody else's, so that it isn't released at the end. */
  constructor(statement: Statement, keepsSession: boolean) {
    this.#statement = statement;
    this.#keepsSession = keepsSession;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  take(session: Session): void {
    if (this.#isSettled) {
      if (!this.#keepsSession) session.release();
      return;
    }
    this.#session = session;
    // A driver's pool calls this: what got out would be nobody's.
    try {
      session.run(this.#statement, this);
    } catch (error) {
      this.fail(error);
    }
  }

  refuse(error: unknown): boolean {
    if (this.#isSettled) return false;
    this.#settle(error, null);
    return true;
  }

  succeed(result: StatementResult): void {
    if (this.#stop === null) this.#settle(null, result);
    else this.#stop.ended(null, result);
  }

  fail(error: unknown): void {
    if (this.#stop === null || error instanceof LostError) this.#settle(error, null);
    else this.#stop.ended(error, null);
  }

  exceeded(): void {
    this.#beginStop(new TooManyRows(`more than ${this.#statement.maxRows} rows`));
  }

  cancel(): void {
    if (this.#isSettled) return;
    if (this.#session === null) this.#settle(new NotStartedError(), null);
    else this.#beginStop(null);
  }

  #beginStop(reason: Error | null): void {
    const session = this.#session;
    if (session === null || this.#isSettled || this.#stop !== null) return;
    this.#stop = new Stop(
      session,
      (error, result) => this.#settle(reason ?? error, reason === null ? result : null),
      () => {
        session.destroy("it didn't stop a statement in time");
        this.#settle(reason ?? new LostError("the server didn't stop the statement in time"), null);
      },
    );
  }

  // What comes after it has been settled belongs to a connection that was given up.
  #settle(error: unknown, result: StatementResult | null): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stop?.end();
    if (!this.#keepsSession) this.#session?.release();
    if (result !== null) this.#resolve(result);
    else this.#reject(error);
  }
}

/**
 * A statement that is being stopped. A server is told so on another connection, and may hear of it only when the statement has ended
 * by itself. So that this hits nothing else, the session is free once the server has been told and has answered a ping after.
 */
class Stop {
  readonly #session: Session;
  readonly #finish: (error: unknown, result: StatementResult | null) => void;
  readonly #timer: NodeJS.Timeout;
  #isTold = false;
  #outcome: { readonly error: unknown; readonly result: StatementResult | null } | null = null;

  constructor(
    session: Session,
    finish: (error: unknown, result: StatementResult | null) => void,
    giveUp: () => void,
  ) {
    this.#session = session;
    this.#finish = finish;
    this.#timer = setTimeout(giveUp, STOP_MS);
    void session.interrupt().then(() => {
      this.#isTold = true;
      this.#goOn();
    });
  }

  ended(error: unknown, result: StatementResult | null): void {
    this.#outcome ??= { error, result };
    this.#goOn();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #goOn(): void {
    const outcome = this.#outcome;
    if (outcome === null || !this.#isTold) return;
    const finish = (): void => this.#finish(outcome.error, outcome.result);
    // It may be the ping that is stopped instead: that is an answer too.
    void promised<void>((pinged) => this.#session.ping(pinged)).then(finish, finish);
  }
}
