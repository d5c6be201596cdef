import { setTimeout as delay } from "node:timers/promises";
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
import type { DriverOptions, SqliteTarget } from "../driver-options.ts";
import { BufferedStream } from "./buffered-stream.ts";
import { SqliteCall } from "./sqlite-call.ts";
import { classifyFailure, RESULT_CODES, SqliteFailure } from "./sqlite-failure.ts";
import { SqliteStream } from "./sqlite-stream.ts";
import type { SqliteThread } from "./sqlite-thread.ts";
import { SqliteThreads } from "./sqlite-threads.ts";
import { SqliteTransaction } from "./sqlite-transaction.ts";
import { BEGIN, REQUEST, type Request, type RequestKind, toRequest } from "./thread-protocol.ts";

// Waiting costs a thread nothing: more than enough to fill the largest batch.
const CAPACITY = 1_024;
const LOCK_TIMEOUT_MS = 600_000;
const LOCK_PAUSE_MS = 10;
const MAX_LOCK_PAUSE_MS = 250;

/**
 * SQLite in threads of its own: the event loop never waits for it. Reads go to the thread that has the least to do; writes go to one
 * thread, where those that are there together share a transaction. Nothing is opened yet.
 */
export function sqliteDriver(target: SqliteTarget, options: DriverOptions): Promise<DatabaseDriver> {
  return Promise.resolve(new SqliteDriver(target, options));
}

class SqliteDriver implements DatabaseDriver {
  readonly dialect = "sqlite";
  readonly capacity = CAPACITY;
  readonly #threads: SqliteThreads;

  constructor(target: SqliteTarget, options: DriverOptions) {
    this.#threads = new SqliteThreads(target, options);
  }

  get maxSize(): number {
    return this.#threads.maxSize;
  }

  get size(): number {
    return this.#threads.size;
  }

  get idle(): number {
    return this.#threads.idle;
  }

  get connects(): number {
    return this.#threads.connects;
  }

  run(statement: Statement): Running<StatementResult> {
    return this.#send(toRequest(statement.access === "read" ? REQUEST.read : REQUEST.write, statement, 0));
  }

  stream(statement: Statement, batchRows: number): RowStream {
    const instead = (): RowStream =>
      new BufferedStream(() => this.#send(toRequest(REQUEST.write, statement, 0)), batchRows);
    if (statement.access === "write") return instead();
    const request = { ...toRequest(REQUEST.open, statement, 0), limit: batchRows };
    return new SqliteStream(request, { thread: () => this.#threads.reader(), instead });
  }

  async begin({ readOnly }: BeginOptions): Promise<DriverTransaction> {
    return readOnly
      ? SqliteTransaction.begin(this.#threads.reader(), BEGIN.read)
      : SqliteTransaction.begin(this.#threads.writer(), BEGIN.write);
  }

  async ping(): Promise<void> {
    // Once it is open, a long transaction of the writer's must not make it look as if it were down.
    const { isReady } = this.#threads;
    await Promise.all([
      isReady ? undefined : this.#control(REQUEST.ping, "", this.#threads.writer()),
      this.#control(REQUEST.ping, "", this.#threads.reader()),
    ]);
  }

  classify(error: unknown): Failure {
    return classifyFailure(error);
  }

  async exclusively<Result>(
    lock: string,
    work: (session: ScriptRunner) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    await this.#lock(lock, signal);
    try {
      signal?.throwIfAborted();
      const session = await SqliteTransaction.begin(this.#threads.writer(), BEGIN.none);
      const onAbort = (): void => session.cancelScript();
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        signal?.throwIfAborted();
        return await work(session);
      } finally {
        signal?.removeEventListener("abort", onAbort);
        await session.rollback();
      }
    } finally {
      // If the thread is gone, so is the lock.
      await this.#control(REQUEST.unlock, lock, this.#threads.writer()).catch(() => {});
    }
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  async #lock(lock: string, signal: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + LOCK_TIMEOUT_MS;
    for (let pauseMs = LOCK_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_LOCK_PAUSE_MS)) {
      signal?.throwIfAborted();
      const { affectedRows } = await this.#control(REQUEST.lock, lock, this.#threads.writer(), signal);
      if (affectedRows === 1) return;
      if (performance.now() > deadline) {
        const message = `another process has held the lock ${lock} for ${LOCK_TIMEOUT_MS} ms`;
        throw new SqliteFailure("SQLITE_BUSY", RESULT_CODES.busy, message);
      }
      await delay(pauseMs, undefined, { signal });
    }
  }

  #send(request: Request): SqliteCall {
    const call = new SqliteCall(request, this.#threads);
    this.#threads.send(call);
    return call;
  }

  async #control(
    kind: RequestKind,
    sql: string,
    thread: SqliteThread,
    signal?: AbortSignal,
  ): Promise<StatementResult> {
    const call = new SqliteCall({ kind, session: 0, sql, limit: 0, params: [] });
    const onAbort = (): void => call.cancel();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      call.send(thread);
      return await call.result;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }
}
