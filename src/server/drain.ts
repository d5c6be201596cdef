import { MAX_TIMER_MS, within } from "../internal/within.ts";
import type { WebSocketConnection } from "../transport/index.ts";
import { CloseCode } from "../websocket/index.ts";

/** How a server closes. */
export interface CloseOptions {
  /** What is still open after so many milliseconds is cut, and what resources are still at is cancelled. Infinity, or more than a timer's 2,147,483,647, sets no such limit. @default 10_000 */
  readonly drainMs?: number;
  /** Clients are sent away over so many milliseconds, the first at once and the last at the end, so that they don't all come back at once. At most over nine tenths of `drainMs`, so that the last ones have time to answer. @default 2_000 (or 2 for each client, if that is less) */
  readonly spreadMs?: number;
}

/** What closing came to, of WebSockets alone. */
export interface CloseResult {
  /** Connections that closed in time. */
  readonly closed: number;
  /** Connections that were cut at the deadline. */
  readonly cut: number;
}

const DEFAULT_SPREAD_MS = 2_000;
const SPREAD_MS_A_CLIENT = 2;
// Those who are due within so many milliseconds go in one batch.
const MIN_PAUSE_MS = 50;
// How much of the time until the deadline may be spent on sending away: the last ones answer in the rest.
const MAX_SPREAD_SHARE = 0.9;

/** When what is still open is cut, by `performance.now()`. */
export function closeDeadline({ drainMs = 10_000 }: CloseOptions): number {
  return performance.now() + drainMs;
}

/** Closes connections with 1001, spread over a while, those with the most to send last; what is left at the deadline is cut. */
export async function drain(
  connections: Iterable<WebSocketConnection>,
  options: CloseOptions,
): Promise<CloseResult> {
  const deadline = closeDeadline(options);
  const all = [...connections];
  // So few that nobody would feel it if they came back at once don't hold anyone up.
  const { spreadMs = Math.min(DEFAULT_SPREAD_MS, all.length * SPREAD_MS_A_CLIENT) } = options;
  const gone = Promise.all(all.map((connection) => connection.closed));
  const leftMs = deadline - performance.now();
  if (leftMs > 0) await sendAway(all, Math.min(spreadMs, leftMs * MAX_SPREAD_SHARE, MAX_TIMER_MS), gone);
  await within(deadline - performance.now(), gone);
  const left = all.filter((connection) => connection.state !== "closed");
  for (const connection of left) connection.terminate();
  await gone;
  return { closed: all.length - left.length, cut: left.length };
}

// Each has its moment: the first one now, the last one at the end. It is left early when all have gone by themselves.
async function sendAway(
  all: readonly WebSocketConnection[],
  spreadMs: number,
  gone: Promise<unknown>,
): Promise<void> {
  const slowestLast = [...all].sort((a, b) => a.bufferedAmount - b.bufferedAmount);
  const gapMs = spreadMs / Math.max(all.length - 1, 1);
  const start = performance.now();
  let sent = 0;
  for (;;) {
    const elapsedMs = performance.now() - start;
    // At the end it is everybody's turn, whatever fractions are left.
    const due = elapsedMs < spreadMs ? Math.floor(elapsedMs / gapMs) + 1 : all.length;
    for (const connection of slowestLast.slice(sent, due)) {
      connection.flush();
      connection.close(CloseCode.goingAway, "server closing");
    }
    sent = due;
    if (sent >= all.length) return;
    const next = Math.min(Math.max(sent * gapMs, elapsedMs + MIN_PAUSE_MS), spreadMs);
    if (await within(start + next - performance.now(), gone)) return;
  }
}
