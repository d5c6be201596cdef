import type { Dialect } from "../database.ts";
import type {
  BeginOptions,
  DatabaseDriver,
  DriverTransaction,
  Failure,
  RowStream,
  Running,
  ScriptRunner,
  Statement,
  StatementResult,
} from "../driver.ts";
import { ConnectError } from "./connection-errors.ts";
import { promisedInTime } from "./promised.ts";
import type { Session, SessionPool } from "./session.ts";
import { SessionCall } from "./session-call.ts";
import { SessionScripts } from "./session-scripts.ts";
import { SessionStream } from "./session-stream.ts";
import { SessionTransaction } from "./session-transaction.ts";

/** What differs between the servers. */
export interface ServerDialect {
  readonly dialect: Dialect;
  /** The statements that begin a transaction. */
  begin(options: BeginOptions): readonly string[];
  /** Takes a lock that the server gives to one session at a time, however long that takes. */
  lock(session: Session, name: string): Promise<void>;
  unlock(session: Session, name: string): Promise<void>;
  classify(error: unknown): Failure;
}

/** What a driver for a server is made of. */
export interface ServerDriverParts {
  readonly pool: SessionPool;
  readonly dialect: ServerDialect;
  /** How long a server may take to answer something trivial, in milliseconds. */
  readonly answerMs: number;
  /** A connection apart from the pool that takes several statements at a time. */
  openScriptSession(): Promise<Session>;
}

/** A driver for a database that is a server. */
export class ServerDriver implements DatabaseDriver {
  readonly #pool: SessionPool;
  readonly #dialect: ServerDialect;
  readonly #parts: ServerDriverParts;

  constructor(parts: ServerDriverParts) {
    this.#parts = parts;
    this.#pool = parts.pool;
    this.#dialect = parts.dialect;
  }

  get dialect(): Dialect {
    return this.#dialect.dialect;
  }

  get capacity(): number {
    return this.#pool.maxSize;
  }

  get maxSize(): number {
    return this.#pool.maxSize;
  }

  get size(): number {
    return this.#pool.size;
  }

  get idle(): number {
    return this.#pool.idle;
  }

  get connects(): number {
    return this.#pool.connects;
  }

  run(statement: Statement): Running<StatementResult> {
    const call = new SessionCall(statement, false);
    this.#pool.acquire(call);
    return call;
  }

  stream(statement: Statement, batchRows: number): RowStream {
    const stream = new SessionStream(statement, batchRows, false);
    this.#pool.acquire(stream);
    return stream;
  }

  async begin(options: BeginOptions): Promise<DriverTransaction> {
    const session = await this.#acquire();
    try {
      for (const sql of this.#dialect.begin(options)) {
        await promisedInTime<string>(session, this.#parts.answerMs, (outcome) =>
          session.control(sql, outcome),
        );
      }
    } catch (error) {
      // What it has begun is not known.
      session.destroy("a transaction couldn't begin");
      session.release();
      throw error;
    }
    return new SessionTransaction(session);
  }

  async ping(): Promise<void> {
    const session = await this.#acquire();
    try {
      await promisedInTime<void>(session, this.#parts.answerMs, (outcome) => session.ping(outcome));
    } finally {
      session.release();
    }
  }

  classify(error: unknown): Failure {
    return this.#dialect.classify(error);
  }

  async exclusively<Result>(
    lock: string,
    work: (session: ScriptRunner) => Promise<Result>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Result> {
    const session = await this.#openScriptSession();
    const scripts = new SessionScripts(session, signal);
    const locked = async (): Promise<Result> => {
      signal.throwIfAborted();
      await this.#dialect.lock(session, lock);
      const result = await work(scripts);
      await this.#dialect.unlock(session, lock);
      return result;
    };
    try {
      return await Promise.race([locked(), scripts.stopped]);
    } finally {
      scripts.end();
      // The lock ends with its connection in any case.
      session.destroy("its work is done");
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #openScriptSession(): Promise<Session> {
    return this.#parts.openScriptSession().catch((error: unknown) => Promise.reject(new ConnectError(error)));
  }

  #acquire(): Promise<Session> {
    return new Promise((take, reject) => {
      const refuse = (error: unknown): boolean => {
        reject(error);
        return true;
      };
      this.#pool.acquire({ take, refuse });
    });
  }
}
