import { Deferred } from "../../internal/deferred.ts";
import { Deadline } from "../../internal/timer-wheel.ts";
import { deadlines } from "../deadlines.ts";
import type { Outcome } from "./job.ts";
import type { TransferItem } from "./transfer.ts";

/** What a task has to keep to. */
export interface TaskOptions {
  /** How long it may run, in milliseconds; null for as long as it takes. */
  readonly timeoutMs: number | null;
  /** What goes over to the thread. */
  readonly transfer: readonly TransferItem[];
}

/** How a task ended. */
export type TaskEnd =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  /** The thread is lost. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** The job couldn't be sent, and no thread has begun it. */
  | { readonly kind: "not sent"; readonly error: unknown }
  /** No thread could be started for it. */
  | { readonly kind: "not started"; readonly reason: string }
  /** It ran for too long. */
  | { readonly kind: "timed out" }
  /** {@link Task.cancel} was called. */
  | { readonly kind: "cancelled"; readonly error: unknown };

/** A job under way. It ends once; what comes after that is ignored. */
export class Task extends Deadline {
  readonly #timeoutMs: number | null;
  readonly #abort = new AbortController();
  readonly #ended = new Deferred<TaskEnd>();
  readonly #free = new Deferred();
  #isEnded = false;
  #onLateStart: (() => void) | undefined;
  #startTimeoutMs = 0;

  constructor(options: TaskOptions) {
    super();
    this.#timeoutMs = options.timeoutMs;
  }

  /** Aborted when its thread is to be ended. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** How it ended. */
  get ended(): Promise<TaskEnd> {
    return this.#ended.promise;
  }

  /** Resolves when no thread is at it any more, which may be later. */
  get free(): Promise<void> {
    return this.#free.promise;
  }

  /** Gives the thread that it is to have so many milliseconds to start. */
  waitForThread(timeoutMs: number, onLate: () => void): void {
    this.#onLateStart = onLate;
    this.#startTimeoutMs = timeoutMs;
    deadlines.schedule(this, timeoutMs);
  }

  /** A thread has taken it: from now on its time counts. */
  begin(): void {
    this.#onLateStart = undefined;
    deadlines.cancel(this);
    if (this.#timeoutMs !== null) deadlines.schedule(this, this.#timeoutMs);
  }

  override onDeadline(): void {
    const onLate = this.#onLateStart;
    if (onLate === undefined) return this.#stop({ kind: "timed out" });
    this.notStarted(`it was not loaded within ${this.#startTimeoutMs} ms`);
    onLate();
  }

  /** Its thread has answered. */
  settle(outcome: Outcome): void {
    this.#end({ kind: "outcome", outcome });
  }

  /** Its thread is lost. */
  fail(error: unknown): void {
    this.#end({ kind: "failed", error });
  }

  /** It couldn't be sent to its thread. */
  notSent(error: unknown): void {
    this.#end({ kind: "not sent", error });
  }

  /** No thread could be started for it. */
  notStarted(reason: string): void {
    this.#stop({ kind: "not started", reason });
  }

  /** Ends it, and the thread that is at it. */
  cancel(error: unknown): void {
    this.#stop({ kind: "cancelled", error });
  }

  /** No thread is at it any more. */
  release(): void {
    this.#free.resolve();
  }

  #stop(end: TaskEnd): void {
    if (this.#isEnded) return;
    this.#end(end);
    this.#abort.abort();
  }

  #end(end: TaskEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    deadlines.cancel(this);
    this.#ended.resolve(end);
  }
}
