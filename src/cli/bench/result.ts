import { Histogram } from "./histogram.ts";
import type { BenchMode, ResolvedBenchOptions } from "./options.ts";
import type { ProcessUsage } from "./server-process.ts";
import type { WorkerResult } from "./worker-messages.ts";

/** What a run of the bench came to; `sluice bench --json` prints it. Fields are added to it, but not taken away. */
export interface BenchResult {
  readonly mode: BenchMode;
  readonly url: string;
  /** What was asked for, with the defaults filled in. */
  readonly options: BenchResultOptions;
  /** In connect mode, those of the whole run; else `open` counts those that were opened, closed later or not. */
  readonly connections: {
    readonly requested: number;
    readonly open: number;
    /** Not opened: no connection, no 101, or too late. */
    readonly refused: number;
    /** Opened, and closed or cut by the server before the end. */
    readonly closed: number;
  };
  /** How often connections were refused or closed for which reason; `{}` if none was. */
  readonly reasons: Readonly<Record<string, number>>;
  /** What was measured, without the warm-up; less than was asked for if it ended early. */
  readonly seconds: number;
  /** Messages sent; in rate mode, those that were due in these seconds. */
  readonly sent: number;
  /** Deliveries; in echo and rate mode, of the messages that count as sent, though they came later. */
  readonly received: number;
  /** What `received` should be; not in the other modes. */
  readonly expected?: number;
  /** What really happened a second, in these seconds. */
  readonly rates: {
    readonly sentPerSecond: number;
    readonly receivedPerSecond: number;
    readonly bytesInPerSecond: number;
  };
  /**
   * From sending (in rate mode, from when it was due) to the delivery; in fan-out mode, how long a round took; in connect mode, a
   * handshake. Without it, there was nothing to measure.
   */
  readonly latencyMs?: Latency;
  /** Rounds of fan-out, of all groups; a round that stood still for a second ended without all its deliveries. */
  readonly rounds?: { readonly completed: number; readonly stalled: number };
  /** Handshakes a second: in connect mode in these seconds, else while the connections were opened. */
  readonly connectPerSecond?: number;
  /** The server's process, if it was given. */
  readonly server?: ServerFigures;
  readonly generator: { /** In these seconds. */ readonly cpuSeconds: number; readonly processes: number };
  /** Ended by a signal before its time. */
  readonly interrupted?: true;
}

/** See {@link BenchResult.options}. */
export type BenchResultOptions = Pick<
  ResolvedBenchOptions,
  "connections" | "durationSeconds" | "warmupSeconds" | "depth" | "size" | "rate" | "groups" | "slow"
>;

/** In milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** See {@link BenchResult.server}. */
export interface ServerFigures extends ProcessUsage {
  /** Microseconds of CPU time for each delivery; in connect mode, for each handshake. */
  readonly cpuMicrosPerMessage?: number;
  /** Memory at the end, less that before the first connection, by the number of connections that are open. */
  readonly bytesPerConnection?: number;
}

/** What {@link benchResult} is made of. */
export interface ResultParts {
  readonly options: ResolvedBenchOptions;
  readonly workers: readonly WorkerResult[];
  readonly usage: ProcessUsage | undefined;
  readonly interrupted: boolean;
}

/** Joins what the processes report. */
export function benchResult({ options, workers, usage, interrupted }: ResultParts): BenchResult {
  const { mode, url, processes } = options;
  const total = (pick: (worker: WorkerResult) => number): number =>
    workers.reduce((sum, worker) => sum + pick(worker), 0);
  const seconds = Math.max(0, ...workers.map((worker) => worker.seconds));
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
  const connections = {
    requested: total((worker) => worker.requested),
    open: total((worker) => worker.opened),
    refused: total((worker) => worker.refused),
    closed: total((worker) => worker.closed),
  };
  const receivedInWindow = total((worker) => worker.receivedInWindow);
  const hasMarkers = mode === "echo" || mode === "rate";
  const latencyMs = latencyOf(workers);
  const handshakes = total((worker) => worker.openedInWindow);
  const connectPerSecond =
    mode === "connect" ? perSecond(handshakes) : openingRate(workers, connections.open);
  const held = connections.open - connections.closed;
  return {
    mode,
    url,
    options: pickOptions(options),
    connections,
    reasons: joinReasons(workers),
    seconds,
    sent: total((worker) => worker.sent),
    received: hasMarkers ? total((worker) => worker.received) : receivedInWindow,
    ...(hasMarkers && { expected: total((worker) => worker.expected) }),
    rates: {
      sentPerSecond: perSecond(total((worker) => worker.sentInWindow)),
      receivedPerSecond: perSecond(receivedInWindow),
      bytesInPerSecond: perSecond(total((worker) => worker.bytesIn)),
    },
    ...(latencyMs && { latencyMs }),
    ...(mode === "fanout" && { rounds: joinRounds(workers) }),
    ...(connectPerSecond !== undefined && { connectPerSecond }),
    ...(usage && {
      server: serverFigures(
        usage,
        mode === "connect" ? handshakes : receivedInWindow,
        mode === "connect" ? 0 : held,
      ),
    }),
    generator: { cpuSeconds: total((worker) => worker.cpuSeconds), processes },
    ...(interrupted && { interrupted: true as const }),
  };
}

function pickOptions(options: ResolvedBenchOptions): BenchResultOptions {
  const { connections, durationSeconds, warmupSeconds, depth, size, rate, groups, slow } = options;
  return { connections, durationSeconds, warmupSeconds, depth, size, rate, groups, slow };
}

function latencyOf(workers: readonly WorkerResult[]): Latency | undefined {
  const all = new Histogram();
  for (const { latency } of workers) all.add(latency);
  if (all.count === 0) return undefined;
  const millis = (share: number): number => all.quantile(share) / 1000;
  return { p50: millis(0.5), p90: millis(0.9), p99: millis(0.99), p999: millis(0.999), max: all.max / 1000 };
}

function openingRate(workers: readonly WorkerResult[], opened: number): number | undefined {
  const seconds = Math.max(0, ...workers.map((worker) => worker.openingSeconds));
  return seconds > 0 && opened > 0 ? opened / seconds : undefined;
}

function joinReasons(workers: readonly WorkerResult[]): Record<string, number> {
  const joined: Record<string, number> = {};
  for (const { reasons } of workers) {
    for (const [reason, count] of Object.entries(reasons)) joined[reason] = (joined[reason] ?? 0) + count;
  }
  return joined;
}

// Of a group's round, each process with members of it has counted its part.
function joinRounds(workers: readonly WorkerResult[]): { completed: number; stalled: number } {
  return {
    completed: Math.round(workers.reduce((sum, { rounds }) => sum + rounds.completed, 0)),
    stalled: Math.round(workers.reduce((sum, { rounds }) => sum + rounds.stalled, 0)),
  };
}

function serverFigures(usage: ProcessUsage, messages: number, held: number): ServerFigures {
  return {
    ...usage,
    ...(messages > 0 && { cpuMicrosPerMessage: (usage.cpuSeconds * 1e6) / messages }),
    ...(held > 0 && { bytesPerConnection: (usage.rssAfterBytes - usage.rssBeforeBytes) / held }),
  };
}
