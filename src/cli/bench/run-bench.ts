import { setTimeout as sleep } from "node:timers/promises";
import { invalidOption } from "../../errors/index.ts";
import { transportFromEnvironment } from "../../transport/index.ts";
import { type ConnectTarget, parseTarget } from "../connect-target.ts";
import { type Clock, monotonicMicros, runClock } from "./clock.ts";
import { Handshake, type HandshakeRequest } from "./handshake.ts";
import type { Census, Schedule } from "./load.ts";
import type { BenchOptions, ResolvedBenchOptions } from "./options.ts";
import { resolveBenchOptions } from "./resolve-options.ts";
import { type BenchResult, benchResult } from "./result.ts";
import { ServerProcess } from "./server-process.ts";
import { resolveAddress } from "./target-address.ts";
import { WorkerFleet } from "./worker-fleet.ts";
import type { WorkerCensus, WorkerPlan, WorkerProgress } from "./worker-messages.ts";

/** Where a run is. */
export type BenchPhase = "opening" | "settling" | "warming up" | "measuring" | "ending";

/** How far a run is. */
export interface BenchProgress extends WorkerProgress {
  readonly phase: BenchPhase;
  /** Since the phase began. */
  readonly seconds: number;
}

/** How a run is watched and ended. */
export interface BenchControl {
  /** Ends it before its time; what was measured until then is its result. */
  readonly signal?: AbortSignal;
  /** Called a few times a second. */
  onProgress?(progress: BenchProgress): void;
}

/** Until the first message, once all processes know when it is due. */
const START_DELAY_MICROS = 100_000;
const STEP_MS = 20;

/**
 * Puts a load on a WebSocket server, and measures what comes of it. It ends by itself: connecting, measuring and waiting for
 * what is late have limits of their own.
 *
 * @throws SLUICE_INVALID_OPTION; SLUICE_REMOTE_TARGET for a target that isn't loopback; SLUICE_CONNECT_FAILED for an unknown name
 */
export async function runBench(options: BenchOptions, control: BenchControl = {}): Promise<BenchResult> {
  const resolved = resolveBenchOptions(options);
  const target = parseTarget(resolved.url);
  const request = handshakeRequest(target, resolved);
  const address = await resolveAddress(target, resolved.allowRemote);
  const server = resolved.pid === undefined ? undefined : new ServerProcess(resolved.pid);
  const run = new BenchRun(resolved, server, control);
  try {
    const endpoint = {
      address,
      port: target.port,
      tlsName: target.encrypted ? target.hostname : undefined,
      insecureTls: resolved.insecure,
      spreadsAddresses: resolved.mode !== "connect",
      transport: transportFromEnvironment() ?? ("auto" as const),
    };
    return await run.run({ processes: resolved.processes, endpoint, request, options: resolved });
  } finally {
    await run.end();
  }
}

/** @throws SLUICE_INVALID_OPTION if it can't be sent */
function handshakeRequest(target: ConnectTarget, options: ResolvedBenchOptions): HandshakeRequest {
  const { authorization } = target;
  const request = {
    host: target.host,
    path: target.target,
    subprotocols: options.subprotocols,
    headers: { ...(authorization !== undefined && { Authorization: authorization }), ...options.headers },
  };
  try {
    new Handshake(request).requestFor(0, 0);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw invalidOption("headers", problem, cause);
  }
  return request;
}

/** One run, from the first connection to the result. */
class BenchRun {
  readonly #options: ResolvedBenchOptions;
  readonly #server: ServerProcess | undefined;
  readonly #control: BenchControl;
  readonly #fleet: WorkerFleet;
  readonly #epochMicros = Math.floor(monotonicMicros());
  readonly #clock: Clock = runClock(this.#epochMicros);
  #phase: BenchPhase = "opening";
  #phaseBegun = performance.now();
  #isOver = false;

  constructor(options: ResolvedBenchOptions, server: ServerProcess | undefined, control: BenchControl) {
    this.#options = options;
    this.#server = server;
    this.#control = control;
    this.#fleet = new WorkerFleet({ onProgress: (progress) => this.#tellProgress(progress) });
  }

  async run(plan: Omit<WorkerPlan, "process" | "epochMicros">): Promise<BenchResult> {
    const { signal } = this.#control;
    const onAbort = (): void => this.#fleet.tell({ kind: "stop" });
    for (let process = 0; process < plan.processes; process++) {
      this.#fleet.start({ ...plan, process, epochMicros: this.#epochMicros });
    }
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    const results = this.#fleet.all("result");
    // Whatever it is waiting for: once the results are there, it is over.
    await Promise.race([results, this.#conduct()]);
    this.#server?.endWindow();
    const workers = (await results).map(({ result }) => result);
    signal?.removeEventListener("abort", onAbort);
    const interrupted = signal?.aborted ?? false;
    return benchResult({ options: this.#options, workers, usage: this.#server?.usage, interrupted });
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#server?.stop();
    await this.#fleet.end();
  }

  /** Says what is done when; the processes report their results by themselves. */
  async #conduct(): Promise<void> {
    const census = takeCensus(await this.#settle(await this.#fleet.all("opened")));
    if (census.open === 0 && this.#options.mode !== "connect") {
      this.#fleet.tell({ kind: "stop" });
      return;
    }
    const schedule = this.#schedule();
    this.#fleet.tell({ kind: "start", schedule, census });
    this.#enter("warming up");
    await this.#until(schedule.fromMicros);
    this.#enter("measuring");
    this.#server?.beginWindow();
    await this.#until(schedule.untilMicros);
    this.#server?.endWindow();
    this.#enter("ending");
  }

  /** Has the greetings sent, if there are connections to send them on; returns who is there in the end. */
  async #settle(opened: readonly WorkerCensus[]): Promise<readonly WorkerCensus[]> {
    this.#enter("settling");
    if (takeCensus(opened).open === 0) return opened;
    // The first one was sent on each connection as soon as it was open.
    this.#fleet.tell({ kind: "settle" });
    let settled: readonly WorkerCensus[] = await this.#fleet.all("settled");
    for (let greeting = 1; greeting < this.#options.hello.length; greeting++) {
      this.#fleet.tell({ kind: "settle", greeting });
      settled = await this.#fleet.all("settled");
    }
    return settled;
  }

  #schedule(): Schedule {
    const { warmupSeconds, durationSeconds } = this.#options;
    const startMicros = Math.ceil(this.#clock()) + START_DELAY_MICROS;
    const fromMicros = startMicros + Math.round(warmupSeconds * 1e6);
    return { startMicros, fromMicros, untilMicros: fromMicros + Math.round(durationSeconds * 1e6) };
  }

  // In steps, so that a run which ends early isn't held by a timer for the rest of its time.
  async #until(micros: number): Promise<void> {
    while (this.#clock() < micros && !this.#isOver && !this.#control.signal?.aborted) {
      await sleep(Math.min(STEP_MS, Math.max(0, (micros - this.#clock()) / 1000)));
    }
  }

  #enter(phase: BenchPhase): void {
    this.#phase = phase;
    this.#phaseBegun = performance.now();
  }

  #tellProgress(progress: WorkerProgress): void {
    const seconds = (performance.now() - this.#phaseBegun) / 1000;
    this.#control.onProgress?.({ ...progress, phase: this.#phase, seconds });
  }
}

function takeCensus(parts: readonly WorkerCensus[]): Census {
  const groups = parts[0]?.members.length ?? 0;
  const sums = (pick: (part: WorkerCensus, group: number) => number): number[] =>
    Array.from({ length: groups }, (_, group) => parts.reduce((sum, part) => sum + pick(part, group), 0));
  const members = sums((part, group) => part.members[group] ?? 0);
  return {
    open: members.reduce((sum, count) => sum + count, 0),
    members,
    readers: sums((part, group) => part.readers[group] ?? 0),
    processes: sums((part, group) => ((part.members[group] ?? 0) > 0 ? 1 : 0)),
  };
}
