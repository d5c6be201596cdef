import type { Resource } from "../resource.ts";
import type { TransferItem } from "./transfer.ts";

/** What can be called in a thread: the functions among what a module exports. */
export type WorkerFunctions<Module> = {
  readonly [Name in keyof Module as Module[Name] extends (...args: never) => unknown
    ? Name & string
    : never]: Module[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/** A module of which nothing is known. */
export type AnyModule = Record<string, (...args: unknown[]) => unknown>;

/** What one call may say about itself. */
export interface RunOptions {
  /** Ends the call, and the thread that is at it. */
  readonly signal?: AbortSignal;
  /** The call, and the thread that is at it, is ended after so many milliseconds of running; null for never. @default the pool's `runTimeoutMs` */
  readonly timeoutMs?: number | null;
  /** What among the arguments goes over to the thread instead of being copied; it can't be used here any more. @default [] */
  readonly transfer?: readonly TransferItem[];
}

/** How a pool of threads is made. */
export interface WorkersOptions {
  /** What it is called in errors, health and statistics. @default "workers" */
  readonly name?: string;
  /** The most threads. They are started when there is something to do. @default the number of cores less one, at least 1 */
  readonly size?: number;
  /** The most callers that wait for a thread; one more is refused at once (SLUICE_POOL_FULL). @default 10_000 */
  readonly maxWaiting?: number;
  /** Who has waited for a thread for so many milliseconds is refused (SLUICE_POOL_TIMEOUT). @default 5_000 */
  readonly acquireTimeoutMs?: number;
  /** A call that has run for so many milliseconds is ended (SLUICE_QUERY_TIMEOUT), with its thread; null for never. @default 30_000 */
  readonly runTimeoutMs?: number | null;
  /** Starting a thread, and loading the file in it, may take so many milliseconds (SLUICE_WORKER_MISSING). @default 10_000 */
  readonly startTimeoutMs?: number;
  /** A thread that has had nothing to do for so many milliseconds ends. @default 60_000 */
  readonly idleTimeoutMs?: number;
  /** A thread is replaced once it is so many milliseconds old, less up to a tenth at random, and free. @default 1_800_000 */
  readonly maxLifetimeMs?: number;
  /** The most memory that JavaScript's objects may take in a thread, in bytes; one that needs more ends (SLUICE_WORKER_CRASHED). @default Node's own limit */
  readonly maxHeapBytes?: number;
  /**
   * By how much the threads give way to the event loop where both want the same core, 0 to 19 as in nice(1). Linux alone knows a priority
   * of a thread's own; elsewhere it has no effect. @default 10
   */
  readonly niceness?: number;
  /** Whether a server refuses to start without it. @default true */
  readonly required?: boolean;
}

/** Threads that run the functions of a module. */
export interface Workers<Module = AnyModule> extends Resource {
  /**
   * Runs a function in a thread. Arguments and result are copied as `structuredClone` copies; an error comes back with its name,
   * message, stack, cause and own properties.
   *
   * @param name which function, as the module exports it
   * @param args what it is called with
   * @throws what the function throws; SLUICE_POOL_FULL, SLUICE_POOL_TIMEOUT, SLUICE_POOL_CLOSED, SLUICE_QUERY_TIMEOUT,
   * SLUICE_QUERY_CANCELLED, SLUICE_WORKER_MISSING, SLUICE_WORKER_FUNCTION, SLUICE_WORKER_CRASHED, SLUICE_WORKER_VALUE,
   * SLUICE_INVALID_OPTION
   */
  run<Name extends keyof WorkerFunctions<Module>>(
    name: Name,
    args: Parameters<WorkerFunctions<Module>[Name]>,
    options?: RunOptions,
  ): ReturnType<WorkerFunctions<Module>[Name]>;
  /** The functions themselves, to be called as if they were here: `workers.call.hash(text)`. They throw as {@link Workers.run}. */
  readonly call: WorkerFunctions<Module>;
}
