import type { LoadCounts } from "./load.ts";
import type { Reasons } from "./reasons.ts";
import type { Tally } from "./tally.ts";
import type { WorkerResult } from "./worker-messages.ts";

/** Where a process's figures come from. */
export interface ResultSources {
  readonly tally: Tally;
  readonly connections: { readonly opened: number; readonly refused: number; readonly closed: number };
  readonly reasons: Reasons;
  /** Connections that were to be opened. */
  readonly requested: number;
  readonly counts: LoadCounts;
  readonly openingSeconds: number;
  readonly cpuSeconds: number;
}

/** Gathers a process's figures. */
export function workerResult(sources: ResultSources): WorkerResult {
  const { tally, counts, connections } = sources;
  const { handshakes } = counts;
  return {
    requested: handshakes?.begun ?? sources.requested,
    opened: handshakes?.opened ?? connections.opened,
    refused: handshakes?.refused ?? connections.refused,
    closed: connections.closed,
    reasons: sources.reasons.toRecord(),
    openingSeconds: sources.openingSeconds,
    seconds: tally.seconds,
    sent: tally.sent,
    sentInWindow: tally.sentInWindow,
    expected: tally.expected,
    received: tally.received,
    receivedInWindow: tally.receivedInWindow,
    bytesIn: tally.bytesIn,
    openedInWindow: handshakes?.inWindow ?? 0,
    rounds: counts.rounds ?? { completed: 0, stalled: 0 },
    latency: tally.latency.toData(),
    cpuSeconds: sources.cpuSeconds,
  };
}
