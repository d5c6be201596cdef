import { RingQueue } from "../../../internal/ring-queue.ts";
import { Doomed } from "./call-states.ts";
import { OpenStreams } from "./open-streams.ts";
import { runStatement, type ThreadContext } from "./run-statement.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { OWN_CODES, SqliteFailure } from "./sqlite-failure.ts";
import { REQUEST, type ThreadData, type ThreadRequest } from "./thread-protocol.ts";
import { ThreadTransaction } from "./thread-transaction.ts";

// Streams and snapshots have a connection each, which is two open files; further ones wait until one has ended.
const MAX_CONNECTIONS = 64;
const KEPT_CONNECTIONS = 2;
// How soon a change of the schema by another process is noticed at the latest.
const SCHEMA_CHECK_MS = 1_000;
const FLUSH_MS = 2;
const MAX_QUICK = 1_000;

interface Snapshot {
  readonly transaction: ThreadTransaction;
  readonly connection: SqliteConnection;
}

/**
 * What a thread that reads does. Single reads share a connection. A stream or a transaction has one of its own: a connection sees the
 * database as of its oldest open statement, so that a read beside it would not see what has been written since.
 */
export class ReaderThread {
  readonly #data: ThreadData;
  readonly #context: ThreadContext;
  readonly #streams: OpenStreams;
  readonly #requests = new RingQueue<ThreadRequest>();
  readonly #waiting = new RingQueue<ThreadRequest>();
  readonly #snapshots = new Map<number, Snapshot>();
  readonly #spare: SqliteConnection[] = [];
  // Statements that took no time worth mentioning when they were last run.
  readonly #quick = new Set<string>();
  readonly #receive: () => void;
  #shared: SqliteConnection | undefined;
  #inUse = 0;
  #schemaEpoch = 0;
  #schemaCheckedAt = 0;

  constructor(data: ThreadData, context: ThreadContext, receive: () => void) {
    this.#data = data;
    this.#context = context;
    this.#receive = receive;
    this.#streams = new OpenStreams(context);
  }

  /** Takes a request, to be run in {@link ReaderThread.work}. */
  take(request: ThreadRequest): void {
    this.#requests.push(request);
  }

  /** Runs all that can be run. */
  work(): void {
    const { answers, states } = this.#context;
    let sentAt = performance.now();
    let now = sentAt;
    this.#noticeChangeByOthers(now);
    for (let request = this.#requests.shift(); request !== undefined; request = this.#requests.shift()) {
      this.#prepareFor(request);
      const begunAt = now;
      this.#run(request);
      if (states.isDoomed) throw new Doomed();
      if (this.#requests.size === 0) this.#receiveMore();
      now = performance.now();
      this.#remember(request.sql, now - begunAt < FLUSH_MS);
      // Whoever asked first doesn't wait for all that were asked with it.
      if (!answers.isLarge && now - sentAt < FLUSH_MS) continue;
      answers.flush();
      sentAt = now;
    }
    states.rest();
    answers.flush();
  }

  /** Lets the database go. */
  close(): void {
    for (const { transaction, connection } of this.#snapshots.values()) {
      transaction.abandon();
      connection.close();
    }
    this.#shared?.close();
    for (const connection of this.#spare) connection.close();
  }

  // Quick reads that have arrived together share a snapshot, and are answered together.
  #prepareFor({ kind, sql }: ThreadRequest): void {
    if (kind === REQUEST.read && this.#quick.has(sql)) {
      if (this.#shared?.isSnapshot === true) return;
      this.#noticeSchemaChange();
      if (this.#requests.size > 0) this.#beginSnapshot();
      return;
    }
    this.#shared?.endSnapshot();
    this.#noticeSchemaChange();
    // What has been answered doesn't wait for what may take long.
    this.#context.answers.flush();
  }

  #beginSnapshot(): void {
    try {
      this.#shared?.beginSnapshot();
    } catch {
      // The query itself says what is wrong.
    }
  }

  // Whoever asks now may know of what was written after the snapshot had begun.
  #receiveMore(): void {
    this.#shared?.endSnapshot();
    this.#receive();
  }

  #remember(sql: string, isQuick: boolean): void {
    if (!isQuick) this.#quick.delete(sql);
    else if (!this.#quick.has(sql)) {
      if (this.#quick.size >= MAX_QUICK) this.#quick.clear();
      this.#quick.add(sql);
    }
  }

  #run(request: ThreadRequest): void {
    const { answers, states } = this.#context;
    const { kind, slot } = request;
    const isEnding = kind === REQUEST.close || kind === REQUEST.commit || kind === REQUEST.rollback;
    if (!states.start(slot) && !isEnding) {
      if (kind === REQUEST.next) this.#streams.cancel(slot);
      else answers.cancelled(slot);
      return;
    }
    try {
      this.#runStarted(request);
    } catch (error) {
      answers.failed(slot, error);
    }
  }

  #runStarted(request: ThreadRequest): void {
    const { answers } = this.#context;
    if (request.kind === REQUEST.next) this.#streams.next(request);
    else if (request.kind === REQUEST.close) {
      this.#streams.close(request.slot);
      answers.done(request.slot);
    } else if (request.session !== 0) this.#inside(request);
    else if (request.kind === REQUEST.open || request.kind === REQUEST.begin) this.#withConnection(request);
    else {
      this.#shared ??= this.#open();
      if (request.kind === REQUEST.ping) answers.done(request.slot);
      else runStatement(this.#shared, request, this.#context);
    }
  }

  #inside(request: ThreadRequest): void {
    const snapshot = this.#snapshots.get(request.session);
    if (snapshot === undefined) {
      const error = new SqliteFailure(OWN_CODES.refused, 0, "its transaction has ended");
      this.#context.answers.failed(request.slot, error);
    } else if (snapshot.transaction.run(request)) {
      this.#snapshots.delete(request.session);
      this.#giveBack(snapshot.connection);
    }
  }

  #withConnection(request: ThreadRequest): void {
    if (this.#inUse >= MAX_CONNECTIONS) {
      if (this.#context.states.putBack(request.slot)) this.#waiting.push(request);
      else this.#context.answers.cancelled(request.slot);
      return;
    }
    const connection = this.#spare.pop() ?? this.#open();
    connection.noticeSchemaChange();
    this.#inUse += 1;
    if (request.kind === REQUEST.open) {
      this.#streams.open(request, connection, () => this.#giveBack(connection));
      return;
    }
    const transaction = new ThreadTransaction(request, connection, this.#context, this.#streams);
    if (transaction.begin()) this.#snapshots.set(request.slot, { transaction, connection });
    else this.#giveBack(connection);
  }

  #giveBack(connection: SqliteConnection): void {
    this.#inUse -= 1;
    if (this.#spare.length < KEPT_CONNECTIONS) this.#spare.push(connection);
    else connection.close();
    const next = this.#waiting.shift();
    if (next !== undefined) this.#requests.push(next);
  }

  #open(): SqliteConnection {
    const connection = SqliteConnection.openReader(this.#data.path, this.#context.answers);
    if (this.#shared === undefined) this.#context.answers.ready();
    return connection;
  }

  // The writer of this process tells before it answers.
  #noticeSchemaChange(): void {
    const epoch = Atomics.load(this.#data.schemaEpoch, 0);
    if (epoch === this.#schemaEpoch) return;
    this.#schemaEpoch = epoch;
    this.#shared?.forgetStatements();
  }

  // Other processes don't tell. Looked at now and then, it costs nothing a query.
  #noticeChangeByOthers(now: number): void {
    if (now - this.#schemaCheckedAt < SCHEMA_CHECK_MS) return;
    this.#schemaCheckedAt = now;
    try {
      this.#shared?.noticeSchemaChange();
    } catch {
      // The next query says what is wrong.
    }
  }
}
