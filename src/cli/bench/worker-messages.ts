import type { Endpoint } from "./endpoint.ts";
import type { HandshakeRequest } from "./handshake.ts";
import type { HistogramData } from "./histogram.ts";
import type { Census, Schedule } from "./load.ts";
import type { ResolvedBenchOptions } from "./options.ts";

/** What a process is to do; its connections are every so manieth one. */
export interface WorkerPlan {
  /** 0 for the first one. */
  readonly process: number;
  readonly processes: number;
  /** The zero of the run's clock. */
  readonly epochMicros: number;
  readonly endpoint: Endpoint;
  readonly request: HandshakeRequest;
  readonly options: ResolvedBenchOptions;
}

/** Said to a process. */
export type WorkerCommand =
  | { readonly kind: "open"; readonly plan: WorkerPlan }
  /** Send the greeting that has this position, if it is given, and wait until the server is quiet. */
  | { readonly kind: "settle"; readonly greeting?: number }
  | { readonly kind: "start"; readonly schedule: Schedule; readonly census: Census }
  /** All processes are done with a group's round. */
  | { readonly kind: "round"; readonly group: number }
  /** End before the time. */
  | { readonly kind: "stop" };

/** Said by a process. */
export type WorkerReport =
  /** Every handshake is over. */
  | ({ readonly kind: "opened" } & WorkerCensus)
  /** The greeting was sent, and the server is quiet. */
  | ({ readonly kind: "settled" } & WorkerCensus)
  | { readonly kind: "round"; readonly group: number }
  | ({ readonly kind: "progress" } & WorkerProgress)
  | { readonly kind: "result"; readonly result: WorkerResult }
  /** It can't go on. */
  | { readonly kind: "failed"; readonly reason: string };

/** By group: its connections that are open in a process, and those of them that read. */
export interface WorkerCensus {
  readonly members: readonly number[];
  readonly readers: readonly number[];
}

/** How far a process is. */
export interface WorkerProgress {
  /** Connections that are open or were; in connect mode, those of the whole run. */
  readonly opened: number;
  /** Of the window so far. */
  readonly sent: number;
  readonly received: number;
}

/** What came of it in a process. */
export interface WorkerResult {
  readonly requested: number;
  readonly opened: number;
  readonly refused: number;
  readonly closed: number;
  /** How often connections were refused or closed for which reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** How long all handshakes took together; 0 in connect mode. */
  readonly openingSeconds: number;
  /** What the window came to. */
  readonly seconds: number;
  readonly sent: number;
  readonly sentInWindow: number;
  readonly expected: number;
  readonly received: number;
  readonly receivedInWindow: number;
  readonly bytesIn: number;
  readonly openedInWindow: number;
  readonly rounds: { readonly completed: number; readonly stalled: number };
  readonly latency: HistogramData;
  /** User and system time within the window. */
  readonly cpuSeconds: number;
}
