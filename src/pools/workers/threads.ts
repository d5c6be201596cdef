import type { Transferable, Worker } from "node:worker_threads";
import { Piscina, queueOptionsSymbol } from "piscina";
import { besideAs, threadArguments } from "../thread-start.ts";
import type { Job, Outcome, ThreadData } from "./job.ts";
import type { ResolvedWorkersOptions } from "./resolve-workers-options.ts";
import { Task, type TaskOptions } from "./task.ts";

const ENTRY = besideAs("thread-entry", import.meta.url).href;
const MIB = 1024 ** 2;
// So that threads that were started together aren't replaced together.
const LIFETIME_JITTER = 0.1;

/** What the pool is told of its threads. */
export interface ThreadEvents {
  /** One has started and loaded its file, which took so many milliseconds. */
  onStart(durationMs: number): void;
  /** One that had started is gone. */
  onEnd(reason: string): void;
}

type Balancer = NonNullable<NonNullable<ConstructorParameters<typeof Piscina>[0]>["loadBalancer"]>;

interface Thread {
  readonly worker: Worker;
  readonly startedAt: number;
  readonly endsAt: number;
  /** Resolves when it has ended. */
  readonly gone: Promise<void>;
  isReady: boolean;
  /** It takes nothing more. */
  isRetired: boolean;
  task: Task | undefined;
}

/**
 * The threads, which Piscina starts, hands their jobs to, and lets go when they are idle. It is never given more jobs at a time than
 * it may have threads, so that its own queue holds those only whose thread is starting.
 */
export class Threads {
  readonly #options: ResolvedWorkersOptions;
  readonly #events: ThreadEvents;
  readonly #piscina: Piscina<Job, Outcome>;
  readonly #threads = new Map<Worker, Thread>();
  /** Those that no thread has taken yet, the oldest first. */
  readonly #unassigned = new Set<Task>();
  #lastError: Error | undefined;

  constructor(file: URL, options: ResolvedWorkersOptions, events: ThreadEvents) {
    this.#options = options;
    this.#events = events;
    const execArgv = threadArguments();
    const { size, idleTimeoutMs, maxHeapBytes, niceness } = options;
    this.#piscina = new Piscina<Job, Outcome>({
      filename: ENTRY,
      name: "runJob",
      minThreads: 0,
      maxThreads: size,
      maxQueue: size,
      idleTimeout: idleTimeoutMs,
      // Blocked in between, a thread's timers and sockets would stand still.
      atomics: "disabled",
      recordTiming: false,
      workerData: { file: file.href, niceness } satisfies ThreadData,
      loadBalancer: (task, workers) => this.#assign(task, workers),
      ...(execArgv !== undefined && { execArgv }),
      ...(maxHeapBytes !== undefined && {
        resourceLimits: { maxOldGenerationSizeMb: Math.ceil(maxHeapBytes / MIB) },
      }),
    });
    this.#piscina.on("workerCreate", ({ id }: { id: number }) => this.#onReady(id));
    // Of a thread that had no job, or had not started yet.
    this.#piscina.on("error", (error: Error) => {
      this.#lastError = error;
    });
  }

  /** How many there are, those that are starting too. */
  get size(): number {
    return this.#threads.size;
  }

  /** How many are at work. */
  get busy(): number {
    return [...this.#threads.values()].filter(({ task }) => task !== undefined).length;
  }

  /** How many have started and have nothing to do. */
  get idle(): number {
    const threads = [...this.#threads.values()];
    return threads.filter(({ task, isReady, isRetired }) => isReady && !isRetired && task === undefined)
      .length;
  }

  /**
   * Has a thread do a job. The task's result settles at once when it is ended; it is free when its thread has something else to do,
   * or is gone.
   */
  start(job: Job, options: TaskOptions): Task {
    const task = new Task(options);
    this.#unassigned.add(task);
    task.waitForThread(this.#options.startTimeoutMs, () => this.#endLateStarters());
    void this.#run(task, job, options);
    this.#track();
    return task;
  }

  /** Ends all of them, whatever they are at. */
  async end(): Promise<void> {
    await this.#piscina.destroy();
  }

  #assign(task: object, workers: Parameters<Balancer>[1]): ReturnType<Balancer> {
    const ours = (task as { readonly [queueOptionsSymbol]: unknown })[queueOptionsSymbol];
    if (!(ours instanceof Task)) return null;
    for (const candidate of workers) {
      const thread = this.#byId(candidate.id);
      if (thread === undefined || !thread.isReady || thread.isRetired || thread.task !== undefined) continue;
      thread.task = ours;
      this.#unassigned.delete(ours);
      ours.begin();
      return candidate;
    }
    return null;
  }

  async #run(task: Task, job: Job, { transfer }: TaskOptions): Promise<void> {
    const sent = { ...job, [queueOptionsSymbol]: task };
    let outcome: Outcome | undefined;
    try {
      outcome = await this.#piscina.run(sent, {
        signal: task.signal,
        transferList: [...transfer] as Transferable[],
      });
    } catch (error) {
      return this.#onFailure(task, error);
    }
    // A getter among the arguments may have thrown null, which Piscina takes for none.
    return outcome === undefined ? this.#onFailure(task, null) : this.#onOutcome(task, outcome);
  }

  async #onOutcome(task: Task, outcome: Outcome): Promise<void> {
    task.settle(outcome);
    const thread = this.#leave(task);
    const isStale = outcome.kind === "missing" || performance.now() >= (thread?.endsAt ?? 0);
    if (thread !== undefined && isStale) await this.#retire(thread);
    task.release();
  }

  async #onFailure(task: Task, error: unknown): Promise<void> {
    const thread = this.#leave(task);
    // Piscina lets a thread that is lost go before it says so. One that it still has was never given the job: sending it failed.
    if (thread !== undefined && this.#piscina.threads.includes(thread.worker)) task.notSent(error);
    else {
      task.fail(error);
      if (thread !== undefined) await this.#retire(thread);
      await thread?.gone;
    }
    task.release();
  }

  /** The thread that was at a task, which it no longer is. */
  #leave(task: Task): Thread | undefined {
    this.#unassigned.delete(task);
    const thread = [...this.#threads.values()].find((candidate) => candidate.task === task);
    if (thread !== undefined) thread.task = undefined;
    return thread;
  }

  async #retire(thread: Thread): Promise<void> {
    // Piscina may have handed it another job already.
    if (thread.task !== undefined) return;
    thread.isRetired = true;
    await thread.worker.terminate();
  }

  #endLateStarters(): void {
    const before = performance.now() - this.#options.startTimeoutMs;
    for (const { worker, isReady, startedAt } of this.#threads.values()) {
      if (!isReady && startedAt <= before) void worker.terminate();
    }
  }

  #byId(id: number): Thread | undefined {
    for (const thread of this.#threads.values()) if (thread.worker.threadId === id) return thread;
    return undefined;
  }

  #onReady(id: number): void {
    this.#track();
    const thread = this.#byId(id);
    if (thread === undefined) return;
    thread.isReady = true;
    this.#events.onStart(performance.now() - thread.startedAt);
  }

  #track(): void {
    for (const worker of this.#piscina.threads) {
      if (!this.#threads.has(worker)) this.#threads.set(worker, this.#follow(worker));
    }
  }

  #follow(worker: Worker): Thread {
    const startedAt = performance.now();
    const lifetimeMs = this.#options.maxLifetimeMs * (1 - Math.random() * LIFETIME_JITTER);
    const gone = new Promise<void>((resolve) => {
      worker.once("exit", (code) => {
        this.#onGone(worker, code);
        resolve();
      });
    });
    return {
      worker,
      startedAt,
      endsAt: startedAt + lifetimeMs,
      gone,
      isReady: false,
      isRetired: false,
      task: undefined,
    };
  }

  #onGone(worker: Worker, code: number): void {
    const thread = this.#threads.get(worker);
    this.#threads.delete(worker);
    if (thread === undefined) return;
    if (thread.isReady) return this.#events.onEnd(`its thread ended with code ${code}`);
    // Piscina leaves the job that it was started for to others, which there may never be.
    const [oldest] = this.#unassigned;
    oldest?.notStarted(this.#lastError?.message ?? `its thread ended with code ${code}`);
    this.#lastError = undefined;
  }
}
