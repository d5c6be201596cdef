import { Worker } from "node:worker_threads";
import { within } from "../../../internal/within.ts";
import { besideAs, threadArguments } from "../../thread-start.ts";
import { type StatementResult, TooManyRows } from "../driver.ts";
import { CallStates, FIRST_SLOT } from "./call-states.ts";
import { RowShape } from "./row-shape.ts";
import { OWN_CODES, SqliteFailure } from "./sqlite-failure.ts";
import {
  ANSWER,
  appendRequest,
  REQUEST,
  type Request,
  type ThreadData,
  type ThreadMessage,
} from "./thread-protocol.ts";

/** Who waits for answers under a slot. */
export interface Pending {
  /** Whether the slot stays theirs after an answer: streams and transactions. */
  readonly holdsSlot: boolean;
  /** Whether it could as well be sent to another thread. */
  readonly isMovable: boolean;
  settle(result: StatementResult, isEnd: boolean): void;
  fail(error: Error): void;
  /** The thread is gone. `wasStarted` if what was asked may have been done. */
  lose(wasStarted: boolean, reason: string): void;
  /** The thread hasn't begun it and won't: another is to do it. */
  move?(): void;
}

/** Whom a thread tells what becomes of it. */
export interface ThreadEvents {
  /** It has opened the database. */
  onReady(startMs: number): void;
  /** It doesn't stop what it was told to. */
  onStuck(thread: SqliteThread): void;
  /** It has ended. */
  onExit(thread: SqliteThread, reason: string): void;
}

const PROGRAM = besideAs("thread-main", import.meta.url);
// More than all calls, streams and transactions that may be under way.
const SLOTS = 4_096;
// So many requests are sent without waiting for the end of the turn.
const FLUSH_REQUESTS = 64;
// A call that was told to stop, and hasn't after so long, has been given up.
const GRACE_MS = 1_000;
const END_MS = 5_000;
const HALT_MS = 1_000;

// What nobody waits for: the end of a thread, and what it answers to a call that another has.
const UNAWAITED: Pending = {
  holdsSlot: false,
  isMovable: false,
  settle: () => {},
  fail: () => {},
  lose: () => {},
};

const haltAtExit = new Set<SqliteThread>();
// The binding aborts the process if Node ends a thread in the middle of it, as it does when process.exit() is called.
process.on("exit", () => {
  for (const thread of haltAtExit) thread.doom();
  for (const thread of haltAtExit) thread.waitUntilOut(HALT_MS);
});

/** A thread with SQLite in it, as seen from outside. */
export class SqliteThread {
  /** What it does. */
  readonly role: ThreadData["role"];
  /** Calls, streams and transactions that it has. */
  load = 0;
  /** When it last had something to do, by performance.now(). */
  usedAt: number = performance.now();
  /** It doesn't stop what it was told to, and gets nothing more until it has. */
  isStuck = false;
  /** It has been at the same statement for a while. */
  isHeldUp = false;
  /** The database is open. */
  isReady = false;
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  readonly #states: CallStates = CallStates.ofSize(SLOTS);
  readonly #pending: (Pending | undefined)[] = new Array(FIRST_SLOT).fill(undefined);
  readonly #freeSlots: number[] = [];
  readonly #shapes = new Map<number, RowShape>();
  readonly #startedAt: number = performance.now();
  #batch: unknown[] = [];
  #batched = 0;
  #seen = 0;
  #isFlushing = false;
  #reason = "it ended";
  #hasExited = false;
  // It keeps the process until it is gone: one that ends in the middle of SQLite doesn't end well.
  #isLeaving = false;

  constructor(data: Omit<ThreadData, "states">, name: string, events: ThreadEvents) {
    this.role = data.role;
    this.#events = events;
    const execArgv = threadArguments();
    this.#worker = new Worker(PROGRAM, {
      name: `${name} ${data.role}`,
      workerData: { ...data, states: this.#states.shared } satisfies ThreadData,
      ...(execArgv !== undefined && { execArgv }),
    });
    this.#worker.on("message", (message: ThreadMessage) => this.#receive(message));
    this.#worker.on("error", (error: Error) => {
      this.#reason = error.message;
    });
    this.#worker.on("exit", () => this.#exit());
    this.#worker.unref();
    haltAtExit.add(this);
  }

  /** Asks for something. @returns the slot that it is asked under */
  ask(request: Request, pending: Pending): number {
    const slot = this.#freeSlots.pop() ?? this.#pending.length;
    if (slot >= FIRST_SLOT + SLOTS)
      throw new SqliteFailure(OWN_CODES.noThread, 0, "too much is asked of its thread");
    this.load += 1;
    if (this.load === 1) this.#worker.ref();
    this.#pending[slot] = pending;
    this.askAgain(slot, request);
    return slot;
  }

  /** Asks for something more under a slot that is held. */
  askAgain(slot: number, request: Request): void {
    this.#states.queue(slot);
    appendRequest(this.#batch, slot, request);
    this.#batched += 1;
    if (this.#batched >= FLUSH_REQUESTS) this.#flush();
    else if (!this.#isFlushing) {
      this.#isFlushing = true;
      // A thread without work gets it at once; one that is busy anyway, with all that is asked in this turn of the loop.
      if (this.load <= 1) queueMicrotask(() => this.#flush());
      else setImmediate(() => this.#flush());
    }
  }

  /** Takes back what hasn't begun. @returns false if it has */
  withdraw(slot: number): boolean {
    return this.#states.withdraw(slot);
  }

  /**
   * Has what is under way stopped at its next row.
   *
   * @param giveUp is called if that hasn't happened within the grace time and `pending` still waits
   */
  cancel(slot: number, pending: Pending, giveUp: () => void): void {
    this.#states.cancel(slot);
    const late = (): void => {
      if (this.#pending[slot] !== pending || this.#hasExited) return;
      const isAtIt = this.#states.current === slot;
      giveUp();
      if (isAtIt) this.#stick();
    };
    // What waits for it keeps the process; the timer alone needn't.
    setTimeout(late, GRACE_MS).unref();
  }

  /** To be called now and then: sees whether it has been at the same statement since the last time. */
  look(): void {
    const current = this.#states.current;
    this.isHeldUp = current !== 0 && current === this.#seen;
    this.#seen = current;
  }

  /** Has others do what it hasn't begun. */
  shed(): void {
    for (let slot = FIRST_SLOT; slot < this.#pending.length; slot++) {
      const pending = this.#pending[slot];
      if (pending?.isMovable !== true || !this.#states.withdraw(slot)) continue;
      this.#pending[slot] = UNAWAITED;
      pending.move?.();
    }
  }

  /** Has it undo what it hasn't committed, and not enter SQLite again. */
  doom(): void {
    this.#states.doom();
  }

  /** Holds the process until it is out of SQLite. */
  waitUntilOut(timeoutMs: number): void {
    this.#states.waitUntilOut(timeoutMs);
  }

  /**
   * Gives the thread up. SQLite can't be interrupted from JavaScript, so that a statement that gives no row goes on, on a core of its own,
   * until it is done by itself; the thread then undoes what it has not committed, and ends. Until then the process can't end other than
   * by a signal: Node waits for its threads.
   */
  condemn(): void {
    this.doom();
    this.#reason = "it could not be stopped";
    this.#isLeaving = true;
    this.#loseAll();
  }

  /** Closes the database and ends the thread. Waits for what it is at, but not for long. */
  async end(): Promise<void> {
    if (this.#hasExited) return;
    this.#reason = "it was closed";
    this.#isLeaving = true;
    this.#worker.ref();
    const exited = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.ask({ kind: REQUEST.end, session: 0, sql: "", limit: 0, params: [] }, UNAWAITED);
    this.#flush();
    // Not terminate(): what the binding does in a thread that is being terminated aborts the process.
    if (!(await within(END_MS, exited))) this.condemn();
  }

  #stick(): void {
    this.isStuck = true;
    this.#events.onStuck(this);
  }

  #flush(): void {
    this.#isFlushing = false;
    if (this.#batched === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#batched = 0;
    this.#worker.postMessage(batch);
  }

  #receive({ ready, columns, forget, answers }: ThreadMessage): void {
    if (ready === true && !this.isReady) {
      this.isReady = true;
      this.#events.onReady(performance.now() - this.#startedAt);
    }
    if (columns !== undefined) for (const shape of columns) this.#shapes.set(shape.id, new RowShape(shape));
    if (answers.length > 0) {
      this.isStuck = false;
      this.isHeldUp = false;
      this.#seen = 0;
    }
    for (let at = 0; at < answers.length; ) at = this.#answer(answers, at);
    // After the answers: what is forgotten may have been referred to by one of them.
    if (forget !== undefined) for (const id of forget) this.#shapes.delete(id);
  }

  #answer(answers: readonly unknown[], at: number): number {
    const slot = answers[at] as number;
    const kind = answers[at + 1];
    const pending = this.#pending[slot];
    let end = at + 4;
    if (kind === ANSWER.failed) {
      end = at + 5;
      pending?.fail(toError(answers[at + 2] as number, answers[at + 3] as string, answers[at + 4] as string));
    } else if (kind === ANSWER.rows) {
      const shape = this.#shapes.get(answers[at + 4] as number) as RowShape;
      const count = answers[at + 6] as number;
      end = at + 7 + count * shape.width;
      pending?.settle(
        toResult(answers, at, shape.readRows(answers, at + 7, count)),
        answers[at + 5] as boolean,
      );
    } else pending?.settle(toResult(answers, at, []), true);
    if (pending?.holdsSlot !== true) this.#free(slot);
    return end;
  }

  #free(slot: number): void {
    if (this.#pending[slot] === undefined) return;
    this.#pending[slot] = undefined;
    this.#freeSlots.push(slot);
    this.load -= 1;
    if (this.load > 0) return;
    this.usedAt = performance.now();
    if (!this.#isLeaving) this.#worker.unref();
  }

  #exit(): void {
    this.#hasExited = true;
    haltAtExit.delete(this);
    this.#loseAll();
    this.#events.onExit(this, this.#reason);
  }

  #loseAll(): void {
    for (let slot = FIRST_SLOT; slot < this.#pending.length; slot++) {
      const pending = this.#pending[slot];
      if (pending === undefined) continue;
      this.#pending[slot] = undefined;
      pending.lose(!this.#states.withdraw(slot), this.#reason);
    }
  }
}

function toResult(answers: readonly unknown[], at: number, rows: StatementResult["rows"]): StatementResult {
  return {
    rows,
    affectedRows: answers[at + 2] as number,
    lastInsertId: (answers[at + 3] as number | bigint | null) ?? undefined,
  };
}

function toError(errcode: number, code: string, message: string): Error {
  return code === OWN_CODES.tooManyRows
    ? new TooManyRows(message)
    : new SqliteFailure(code, errcode, message);
}
