import { LRUCache } from "lru-cache";
import type { DriverOptions, SqliteTarget } from "../driver-options.ts";
import type { Dispatcher, SqliteCall } from "./sqlite-call.ts";
import { hasResultCode, OWN_CODES, RESULT_CODES, SqliteFailure } from "./sqlite-failure.ts";
import { SqliteThread, type ThreadEvents } from "./sqlite-thread.ts";
import { TemporaryDatabase } from "./temporary-database.ts";
import { REQUEST, type ThreadData } from "./thread-protocol.ts";

// So often a call may be sent elsewhere: threads that can't even start would otherwise be tried for ever.
const MAX_MOVES = 3;
const MAX_WRONG_READS = 256;
// A thread that has been at one statement for so long is held up: the others do what waits behind it.
const LOOK_MS = 50;

/** The threads of a database: one that writes and several that read. */
export class SqliteThreads implements Dispatcher, ThreadEvents {
  /** The most threads that there are, apart from those that were given up. */
  readonly maxSize: number;
  /** Threads started so far. */
  connects = 0;
  readonly #path: string;
  readonly #options: DriverOptions;
  readonly #schemaEpoch: Int32Array = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #condemned = new Set<SqliteThread>();
  // Statements that begin like one that reads, and write.
  readonly #wrongReads = new LRUCache<string, true>({ max: MAX_WRONG_READS });
  #writer: SqliteThread | undefined;
  #readers: SqliteThread[] = [];
  #temporary: TemporaryDatabase | undefined;
  #looking: NodeJS.Timeout | undefined;
  #trimming: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ path }: SqliteTarget, options: DriverOptions) {
    this.#path = path;
    this.#options = options;
    this.maxSize = Math.max(2, options.maxConnections);
  }

  /** Threads that exist, also those that were given up and haven't ended. */
  get size(): number {
    return this.#live.length + this.#condemned.size;
  }

  /** How many of them have nothing to do. */
  get idle(): number {
    return this.#live.filter(({ load }) => load === 0).length;
  }

  /** Whether the database has been opened. */
  get isReady(): boolean {
    return this.#writer?.isReady === true;
  }

  /** Sends a call to the thread for it. */
  send(call: SqliteCall): void {
    const { kind, sql } = call.request;
    const isRead = kind === REQUEST.read && !this.#wrongReads.has(sql);
    try {
      call.send(isRead ? this.reader() : this.writer());
    } catch (error) {
      call.reject(error as Error);
    }
  }

  redirect(call: SqliteCall, error: Error): boolean {
    if (!(error instanceof SqliteFailure) || call.moves >= MAX_MOVES) return false;
    const isWrongRead = call.request.kind === REQUEST.read && hasResultCode(error, RESULT_CODES.readOnly);
    if (!isWrongRead && error.code !== OWN_CODES.noThread) return false;
    if (isWrongRead) this.#wrongReads.set(call.request.sql, true);
    call.moves += 1;
    this.send(call);
    return true;
  }

  /** The thread that writes. @throws SqliteFailure if it is stuck */
  writer(): SqliteThread {
    this.#refuseClosed();
    this.#writer ??= this.#start("writer");
    if (this.#writer.isStuck) throw stuck("the thread that writes is");
    return this.#writer;
  }

  /** The thread that reads and has the least to do. @throws SqliteFailure if all are stuck */
  reader(): SqliteThread {
    this.#refuseClosed();
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
    let best: SqliteThread | undefined;
    for (const reader of this.#readers) {
      if (!reader.isStuck && (best === undefined || isBetter(reader, best))) best = reader;
    }
    const hasRoom = this.#readers.length < this.maxSize - 1;
    if (best === undefined && !hasRoom) throw stuck("all threads that read are");
    // One starts at a time: several at once would take the cores from whoever else is on them, the event loop among them.
    if (best !== undefined && (best.load === 0 || !hasRoom || this.#isStarting)) return best;
    const started = this.#start("reader");
    this.#readers.push(started);
    // One that is up already answers sooner than one that has yet to start.
    return best?.isReady === true && !best.isHeldUp ? best : started;
  }

  onReady(startMs: number): void {
    this.#options.events.onConnect(startMs);
  }

  onStuck(thread: SqliteThread): void {
    const isWriter = thread.role === "writer";
    // As many as there may be can be given up: each takes a core.
    const alike = [...this.#condemned].filter(({ role }) => role === thread.role).length;
    if (alike >= (isWriter ? 1 : this.maxSize - 1)) return;
    this.#condemned.add(thread);
    this.#forget(thread);
    thread.condemn();
  }

  onExit(thread: SqliteThread, reason: string): void {
    this.#condemned.delete(thread);
    this.#forget(thread);
    this.#options.events.onDisconnect(reason);
  }

  /** Ends all threads, that which writes last: it puts the log into the database. Those that were given up end by themselves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#trimming);
    clearInterval(this.#looking);
    await Promise.all(this.#readers.map((reader) => reader.end()));
    await this.#writer?.end();
    this.#temporary?.remove();
  }

  get #isStarting(): boolean {
    return this.#readers.some(({ isReady, isStuck }) => !isReady && !isStuck);
  }

  get #live(): SqliteThread[] {
    return this.#writer === undefined ? this.#readers : [this.#writer, ...this.#readers];
  }

  #start(role: ThreadData["role"]): SqliteThread {
    this.connects += 1;
    this.#trimming ??= setInterval(() => this.#trim(), this.#options.idleTimeoutMs).unref();
    if (this.#path === ":memory:") this.#temporary ??= new TemporaryDatabase();
    const data = {
      path: this.#temporary?.path ?? this.#path,
      isTemporary: this.#temporary !== undefined,
      role,
      schemaEpoch: this.#schemaEpoch,
    };
    return new SqliteThread(data, this.#options.name, this);
  }

  #look(): void {
    if (this.#readers.every(({ load }) => load === 0)) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
    for (const reader of this.#readers) reader.look();
    const hasOther =
      this.#readers.length < this.maxSize - 1 || this.#readers.some((reader) => isFree(reader));
    if (!hasOther) return;
    for (const reader of this.#readers) if (reader.isHeldUp && reader.load > 1) reader.shed();
  }

  // One that reads is kept, so that the first query after a while is as fast as any.
  #trim(): void {
    const usedBefore = performance.now() - this.#options.idleTimeoutMs;
    const idle = this.#readers.filter(({ load, usedAt }) => load === 0 && usedAt < usedBefore);
    for (const reader of idle.slice(this.#readers.length === idle.length ? 1 : 0)) {
      this.#forget(reader);
      void reader.end();
    }
  }

  #forget(thread: SqliteThread): void {
    if (thread === this.#writer) this.#writer = undefined;
    this.#readers = this.#readers.filter((reader) => reader !== thread);
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new SqliteFailure(OWN_CODES.noThread, 0, "it has been closed");
  }
}

function isFree({ isHeldUp, isStuck }: SqliteThread): boolean {
  return !isHeldUp && !isStuck;
}

function isBetter(reader: SqliteThread, than: SqliteThread): boolean {
  if (reader.isHeldUp !== than.isHeldUp) return than.isHeldUp;
  return reader.isReady === than.isReady ? reader.load < than.load : reader.isReady;
}

function stuck(which: string): SqliteFailure {
  return new SqliteFailure(OWN_CODES.noThread, 0, `${which} at statements that can't be stopped`);
}
