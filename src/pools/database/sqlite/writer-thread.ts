import { RingQueue } from "../../../internal/ring-queue.ts";
import { BetweenProcesses } from "./between-processes.ts";
import { BUSY_PAUSE_MS, BUSY_TIMEOUT_MS, isBusy } from "./busy.ts";
import { Doomed } from "./call-states.ts";
import { OpenStreams } from "./open-streams.ts";
import { runStatement, type ThreadContext } from "./run-statement.ts";
import { pause, SqliteConnection } from "./sqlite-connection.ts";
import { OWN_CODES, SqliteFailure } from "./sqlite-failure.ts";
import { verbOf } from "./statement-verb.ts";
import { BEGIN, REQUEST, type ThreadData, type ThreadRequest } from "./thread-protocol.ts";
import { ThreadTransaction } from "./thread-transaction.ts";
import { runWriteGroup } from "./write-group.ts";

interface Waiting {
  readonly request: ThreadRequest;
  readonly since: number;
}

/** What a thread that writes does: one transaction after the other, each a group of single writes or one of a user's. */
export class WriterThread {
  readonly #data: ThreadData;
  readonly #context: ThreadContext;
  readonly #streams: OpenStreams;
  readonly #locks: BetweenProcesses;
  readonly #writes = new RingQueue<Waiting>();
  readonly #begins = new RingQueue<Waiting>();
  readonly #inTransaction = new RingQueue<ThreadRequest>();
  // Takes what has arrived meanwhile.
  readonly #receive: () => void;
  #connection: SqliteConnection | undefined;
  #transaction: ThreadTransaction | undefined;

  constructor(data: ThreadData, context: ThreadContext, receive: () => void) {
    this.#data = data;
    this.#context = context;
    this.#receive = receive;
    this.#streams = new OpenStreams(context);
    this.#locks = new BetweenProcesses(data.path);
  }

  /** Takes a request, to be run in {@link WriterThread.work}. */
  take(request: ThreadRequest): void {
    const { kind, session, slot } = request;
    if (kind === REQUEST.next || kind === REQUEST.close || kind === REQUEST.unlock) this.#atOnce(request);
    else if (kind === REQUEST.begin) this.#begins.push({ request, since: performance.now() });
    else if (session === 0) this.#writes.push({ request, since: performance.now() });
    else if (session === this.#transaction?.session) this.#inTransaction.push(request);
    else
      this.#context.answers.failed(
        slot,
        new SqliteFailure(OWN_CODES.refused, 0, "its transaction has ended"),
      );
  }

  /** Runs all that can be run. */
  work(): void {
    for (;;) {
      this.#receive();
      if (this.#transaction !== undefined) {
        const request = this.#inTransaction.shift();
        if (request === undefined) break;
        this.#inside(this.#transaction, request);
      } else if (this.#writes.size > 0) {
        this.#write();
        this.#context.answers.flush();
        // One transaction for every group, so that neither kind waits for the other to run dry.
        this.#beginNext();
      } else if (!this.#beginNext()) break;
      this.#endIfDoomed();
    }
    this.#context.answers.flush();
  }

  /** Undoes what isn't committed, and lets the database go. */
  close(): void {
    this.#transaction?.abandon();
    this.#transaction = undefined;
    this.#locks.close();
    const connection = this.#connection;
    this.#connection = undefined;
    try {
      connection?.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // Another process reads: the log stays for the next one who opens it.
    }
    connection?.close();
  }

  #atOnce(request: ThreadRequest): void {
    const { answers, states } = this.#context;
    if (request.kind === REQUEST.next) {
      if (states.start(request.slot)) this.#streams.next(request);
      else this.#streams.cancel(request.slot);
      states.rest();
      return;
    }
    if (request.kind === REQUEST.close) this.#streams.close(request.slot);
    else this.#locks.unlock(request.sql);
    answers.done(request.slot);
  }

  #inside(transaction: ThreadTransaction, request: ThreadRequest): void {
    const { answers, states } = this.#context;
    const isEnding = request.kind === REQUEST.commit || request.kind === REQUEST.rollback;
    if (!states.start(request.slot) && !isEnding) answers.cancelled(request.slot);
    else if (transaction.run(request)) {
      this.#transaction = undefined;
      if (transaction.changedSchema) this.#tellSchemaChange();
    }
    states.rest();
    if (answers.isLarge) answers.flush();
  }

  #write(): void {
    const connection = this.#open(this.#writes);
    if (connection === undefined) return;
    const first = this.#writes.peek() as Waiting;
    if (isGroupable(first.request)) this.#group(connection);
    else {
      this.#writes.shift();
      this.#alone(connection, first);
    }
  }

  #group(connection: SqliteConnection): void {
    if (!this.#beginImmediate(connection, this.#writes)) return;
    const { answers, states } = this.#context;
    // Answered last, for a group that is lost takes back what was answered in it.
    const withdrawn: number[] = [];
    const source = { take: () => this.#takeGroupable(withdrawn), isDoomed: () => states.isDoomed };
    const again = (request: ThreadRequest): boolean => this.#beginAgain(connection, request);
    if (runWriteGroup(connection, this.#context, source, again)) this.#tellSchemaChange();
    for (const slot of withdrawn) answers.cancelled(slot);
    states.rest();
  }

  #takeGroupable(withdrawn: number[]): ThreadRequest | undefined {
    for (;;) {
      const request = this.#writes.peek()?.request;
      if (request === undefined || !isGroupable(request)) return undefined;
      this.#writes.shift();
      if (this.#context.states.start(request.slot)) return request;
      withdrawn.push(request.slot);
    }
  }

  #alone(connection: SqliteConnection, { request, since }: Waiting): void {
    const { answers, states } = this.#context;
    const { slot } = request;
    if (!states.start(slot)) {
      answers.cancelled(slot);
      return;
    }
    const mark = answers.mark;
    for (;;) {
      const error = this.#runAlone(connection, request);
      if (!isBusy(error) || performance.now() - since > BUSY_TIMEOUT_MS || states.isCancelled(slot)) break;
      answers.takeBack(mark);
      pause(BUSY_PAUSE_MS);
    }
    states.rest();
  }

  #runAlone(connection: SqliteConnection, request: ThreadRequest): unknown {
    const { answers } = this.#context;
    const { kind, slot, sql } = request;
    if (kind === REQUEST.ping) answers.done(slot);
    else if (kind === REQUEST.lock) this.#lock(request);
    else if (verbOf(sql) !== "alone") {
      const message = "it begins or ends a transaction; use transaction(), which has a connection for itself";
      answers.failed(slot, new SqliteFailure(OWN_CODES.refused, 0, message));
    } else {
      const error = runStatement(connection, request, this.#context);
      this.#tellSchemaChange();
      return error;
    }
    return undefined;
  }

  #lock({ slot, sql }: ThreadRequest): void {
    try {
      this.#context.answers.done(slot, this.#locks.tryLock(sql) ? 1 : 0);
    } catch (error) {
      this.#context.answers.failed(slot, error);
    }
  }

  // Begins the next transaction of a user's. False if nobody wants one.
  #beginNext(): boolean {
    if (this.#begins.size === 0) return false;
    const connection = this.#open(this.#begins);
    if (connection === undefined) return true;
    const mode = this.#begins.peek()?.request.limit;
    if (mode === BEGIN.write && !this.#beginImmediate(connection, this.#begins)) return true;
    const request = this.#begins.shift()?.request as ThreadRequest;
    const { answers, states } = this.#context;
    if (!states.start(request.slot)) {
      connection.rollback();
      answers.cancelled(request.slot);
    } else this.#transaction = this.#startTransaction(connection, request);
    states.rest();
    return true;
  }

  #startTransaction(connection: SqliteConnection, request: ThreadRequest): ThreadTransaction | undefined {
    const transaction = new ThreadTransaction(request, connection, this.#context, this.#streams);
    return transaction.begin() ? transaction : undefined;
  }

  #open(waiting: RingQueue<Waiting>): SqliteConnection | undefined {
    if (this.#connection !== undefined) return this.#connection;
    try {
      this.#connection = SqliteConnection.openWriter(this.#data, this.#context.answers);
      this.#context.answers.ready();
      return this.#connection;
    } catch (error) {
      this.#failAll(waiting, error);
      return undefined;
    }
  }

  // Takes the write lock, for the first of those who wait for it; those who have waited for too long are told so.
  #beginImmediate(connection: SqliteConnection, waiting: RingQueue<Waiting>): boolean {
    for (;;) {
      try {
        connection.exec("BEGIN IMMEDIATE");
        return true;
      } catch (error) {
        if (isBusy(error)) this.#failOverdue(waiting, error);
        else this.#failAll(waiting, error);
        if (waiting.size === 0) return false;
      }
      this.#endIfDoomed();
      pause(BUSY_PAUSE_MS);
      this.#receive();
    }
  }

  #beginAgain(connection: SqliteConnection, request: ThreadRequest): boolean {
    const alone = new RingQueue<Waiting>();
    alone.push({ request, since: performance.now() });
    return this.#beginImmediate(connection, alone);
  }

  #failOverdue(waiting: RingQueue<Waiting>, error: unknown): void {
    const { answers, states } = this.#context;
    const overdue = performance.now() - BUSY_TIMEOUT_MS;
    for (let first = waiting.peek(); first !== undefined; first = waiting.peek()) {
      const { slot } = first.request;
      if (states.isCancelled(slot)) answers.cancelled(slot);
      else if (first.since <= overdue) answers.failed(slot, error);
      else break;
      waiting.shift();
    }
    answers.flush();
  }

  #failAll(waiting: RingQueue<Waiting>, error: unknown): void {
    for (let first = waiting.shift(); first !== undefined; first = waiting.shift())
      this.#context.answers.failed(first.request.slot, error);
  }

  #tellSchemaChange(): void {
    this.#connection?.forgetStatements();
    Atomics.add(this.#data.schemaEpoch, 0, 1);
  }

  #endIfDoomed(): void {
    if (this.#context.states.isDoomed) throw new Doomed();
  }
}

function isGroupable({ kind, sql }: ThreadRequest): boolean {
  if (kind !== REQUEST.read && kind !== REQUEST.write) return false;
  const verb = verbOf(sql);
  return verb !== "alone" && verb !== "savepoint" && verb !== "transaction";
}
