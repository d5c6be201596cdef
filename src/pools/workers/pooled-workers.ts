import { fileURLToPath } from "node:url";
import { SluiceError } from "../../errors/index.ts";
import { reasonOf } from "../../internal/reason-of.ts";
import { within } from "../../internal/within.ts";
import { Breaker } from "../breaker.ts";
import { Meter } from "../meter.ts";
import { Permits } from "../permits.ts";
import type { PoolStats } from "../pool-stats.ts";
import {
  type Resource,
  type ResourceCloseOptions,
  type ResourceHealth,
  resolveDrainMs,
} from "../resource.ts";
import { checkRunOptions } from "./check-run-options.ts";
import type { Job } from "./job.ts";
import { putTogether, type RemoteError } from "./remote-error.ts";
import type { ResolvedWorkersOptions } from "./resolve-workers-options.ts";
import { isNotSendable } from "./sendable.ts";
import type { Task, TaskEnd, TaskOptions } from "./task.ts";
import type { Threads } from "./threads.ts";
import type { AnyModule, RunOptions, WorkerFunctions } from "./workers.ts";

// A thread that is told to end does so at once, unless something native holds it.
const END_GRACE_MS = 1_000;

/** Threads behind a door: so many callers at a time, so many waiting. */
export class PooledWorkers implements Resource {
  readonly name: string;
  readonly required: boolean;
  readonly call: WorkerFunctions<AnyModule>;
  readonly #file: URL;
  readonly #options: ResolvedWorkersOptions;
  readonly #meter: Meter;
  readonly #permits: Permits;
  readonly #breaker: Breaker;
  readonly #running = new Set<Task>();
  #threads: Threads | undefined;
  /** Why the file couldn't be loaded when that was last tried. */
  #missing: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(file: URL, options: ResolvedWorkersOptions) {
    this.name = options.name;
    this.required = options.required;
    this.#file = file;
    this.#options = options;
    this.#meter = new Meter(options.name);
    this.#permits = new Permits({ ...options, onRefused: (code) => this.#meter.refused(code) });
    this.#breaker = new Breaker({ pool: options.name, probe: () => this.#look() });
    this.call = callers((name, args) => this.run(name, args));
  }

  /** As `Workers.run`, without its types. */
  async run(name: string, args: readonly unknown[], options: RunOptions = {}): Promise<unknown> {
    checkRunOptions(options);
    if (!this.#breaker.closed && !this.#permits.closed) throw this.#refuse();
    const waitedMs = await this.#enter(options.signal);
    const startedAt = performance.now();
    let failure: unknown;
    try {
      return await this.#do({ name, args }, options);
    } catch (error) {
      // Even `undefined` can be thrown.
      failure = error ?? String(error);
      throw error;
    } finally {
      this.#meter.ended(name, waitedMs, startedAt, failure);
    }
  }

  async open(): Promise<void> {
    await this.#look();
  }

  health(): ResourceHealth {
    if (this.#closing !== undefined) return { status: "closed" };
    if (this.#missing === undefined) return { status: "up" };
    return { status: "down", reason: this.#missing };
  }

  stats(): PoolStats {
    const threads = this.#threads;
    return this.#meter.stats({
      size: threads?.size ?? 0,
      maxSize: this.#options.size,
      idle: threads?.idle ?? 0,
      busy: threads?.busy ?? 0,
      waiting: this.#permits.waiting,
      breaker: this.#breaker.state,
    });
  }

  close(options: ResourceCloseOptions = {}): Promise<void> {
    try {
      const drainMs = resolveDrainMs(options);
      this.#closing ??= this.#close(drainMs);
      return this.#closing;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #close(drainMs: number): Promise<void> {
    this.#permits.close();
    this.#breaker.stop();
    const drained = this.#permits.drained();
    await within(drainMs, drained);
    for (const task of this.#running) task.cancel(this.#error("SLUICE_POOL_CLOSED"));
    await within(END_GRACE_MS, drained);
    if (this.#threads !== undefined) await within(END_GRACE_MS, this.#threads.end());
  }

  /** Has a thread load the file, if none has. */
  async #look(): Promise<void> {
    await this.#enter(undefined);
    await this.#do({ name: null, args: [] }, {});
  }

  async #enter(signal: AbortSignal | undefined): Promise<number> {
    if (!signal?.aborted && this.#permits.tryAcquire()) return 0;
    const since = performance.now();
    await this.#permits.acquire(signal);
    return performance.now() - since;
  }

  /** With a permit, which is given back when no thread is at it any more. */
  async #do(
    job: Job,
    { signal, timeoutMs = this.#options.runTimeoutMs, transfer = [] }: RunOptions,
  ): Promise<unknown> {
    const task = await this.#start(job, { timeoutMs, transfer });
    this.#running.add(task);
    void task.free.then(() => {
      this.#running.delete(task);
      this.#permits.release();
    });
    const onAbort = (): void => task.cancel(this.#error("SLUICE_QUERY_CANCELLED", { cause: signal?.reason }));
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const end = await task.ended;
    signal?.removeEventListener("abort", onAbort);
    return this.#conclude(job, end, timeoutMs);
  }

  async #start(job: Job, options: TaskOptions): Promise<Task> {
    try {
      const threads = await this.#loadThreads();
      if (this.#closing !== undefined) throw this.#error("SLUICE_POOL_CLOSED");
      return threads.start(job, options);
    } catch (error) {
      this.#permits.release();
      throw error;
    }
  }

  // Piscina is loaded by whoever is the first to need a thread.
  async #loadThreads(): Promise<Threads> {
    if (this.#threads !== undefined) return this.#threads;
    const { Threads } = await import("./threads.ts");
    this.#threads ??= new Threads(this.#file, this.#options, {
      onStart: (durationMs) => this.#meter.connected(durationMs),
      onEnd: (reason) => this.#meter.disconnected(reason),
    });
    return this.#threads;
  }

  #conclude(job: Job, end: TaskEnd, timeoutMs: number | null): unknown {
    if (end.kind === "not started") throw this.#lacks(end.reason, undefined);
    if (end.kind === "cancelled") throw end.error;
    if (end.kind === "timed out") throw this.#error("SLUICE_QUERY_TIMEOUT", { timeoutMs: timeoutMs ?? 0 });
    if (end.kind === "failed") throw this.#lost(job, end.error);
    if (end.kind === "not sent") throw this.#notSendable(job, end.error);
    const { outcome } = end;
    if (outcome.kind === "missing") throw this.#lacks(reasonOf(putTogether(outcome.error)), outcome.error);
    this.#missing = undefined;
    this.#breaker.succeeded();
    if (outcome.kind === "returned") return outcome.value;
    if (outcome.kind === "threw") throw putTogether(outcome.error);
    if (outcome.kind === "no function")
      throw this.#error("SLUICE_WORKER_FUNCTION", { function: job.name ?? "" });
    throw this.#notSendable(job, putTogether(outcome.error));
  }

  #lacks(reason: string, remote: RemoteError | undefined): SluiceError {
    const cause = remote === undefined ? undefined : putTogether(remote);
    const error = this.#error("SLUICE_WORKER_MISSING", { reason, cause });
    this.#missing = reason;
    this.#breaker.failed(error);
    return error;
  }

  #lost(job: Job, cause: unknown): SluiceError {
    if (isNotSendable(cause)) return this.#notSendable(job, cause);
    return this.#error("SLUICE_WORKER_CRASHED", { function: job.name ?? "", reason: reasonOf(cause), cause });
  }

  #notSendable(job: Job, cause: unknown): SluiceError {
    return this.#error("SLUICE_WORKER_VALUE", { function: job.name ?? "", reason: reasonOf(cause), cause });
  }

  #refuse(): SluiceError {
    const code = "SLUICE_WORKER_MISSING";
    this.#meter.refused(code);
    return this.#error(code, { reason: this.#missing ?? this.#breaker.reason });
  }

  #error(
    code: ConstructorParameters<typeof SluiceError>[0],
    { cause, ...details }: { readonly cause?: unknown; readonly [detail: string]: unknown } = {},
  ): SluiceError {
    const all = { name: this.name, file: fileURLToPath(this.#file), ...details } as Record<
      string,
      string | number
    >;
    return new SluiceError(code, all, cause === undefined ? undefined : { cause });
  }
}

// Each name is a function that calls it in a thread. Awaited by mistake, this is no promise.
function callers(
  run: (name: string, args: readonly unknown[]) => Promise<unknown>,
): WorkerFunctions<AnyModule> {
  return new Proxy(Object.create(null) as WorkerFunctions<AnyModule>, {
    get: (_, name) =>
      typeof name === "symbol" || name === "then"
        ? undefined
        : (...args: readonly unknown[]): Promise<unknown> => run(name, args),
  });
}
