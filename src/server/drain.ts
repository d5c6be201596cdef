import { within } from "../internal/within.ts";
import type { WebSocketConnection } from "../transport/index.ts";
import { CloseCode } from "../websocket/index.ts";

/** How a server closes. */
export interface CloseOptions {
  /** What is still open after so many milliseconds is cut, and what resources are still at is cancelled. @default 10_000 */
  readonly drainMs?: number;
  /** Clients are sent away over so many milliseconds, so that they don't all come back at once. @default 2_000 */
  readonly spreadMs?: number;
}

/** What closing came to. */
export interface CloseResult {
  /** Connections that closed in time. */
  readonly closed: number;
  /** Connections that were cut at the deadline. */
  readonly cut: number;
}

const BATCH_INTERVAL_MS = 50;
// So few need no spreading.
const MIN_BATCH = 50;

/** When what is still open is cut, by `performance.now()`. */
export function closeDeadline({ drainMs = 10_000 }: CloseOptions): number {
  return performance.now() + drainMs;
}

/** Closes connections with 1001, in batches, those with the most to send last; what is left at the deadline is cut. */
export async function drain(
  connections: Iterable<WebSocketConnection>,
  options: CloseOptions,
): Promise<CloseResult> {
  const { spreadMs = 2_000 } = options;
  const deadline = closeDeadline(options);
  const all = [...connections];
  const gone = Promise.all(all.map((connection) => connection.closed));
  await closeInBatches(all, Math.min(spreadMs, deadline - performance.now()), deadline);
  await within(deadline - performance.now(), gone);
  const left = all.filter((connection) => connection.state !== "closed");
  for (const connection of left) connection.terminate();
  await gone;
  return { closed: all.length - left.length, cut: left.length };
}

async function closeInBatches(all: WebSocketConnection[], spreadMs: number, deadline: number): Promise<void> {
  const slowestLast = all.sort((a, b) => a.bufferedAmount - b.bufferedAmount);
  const batch = Math.max(Math.ceil(all.length / Math.max(spreadMs / BATCH_INTERVAL_MS, 1)), MIN_BATCH);
  for (let start = 0; start < slowestLast.length && performance.now() < deadline; start += batch) {
    if (start > 0) await pause(BATCH_INTERVAL_MS);
    for (const connection of slowestLast.slice(start, start + batch)) {
      connection.flush();
      connection.close(CloseCode.goingAway, "server closing");
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
