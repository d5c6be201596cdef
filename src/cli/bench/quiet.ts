import { setTimeout as sleep } from "node:timers/promises";

/** When waiting for quiet is over. */
export interface QuietLimits {
  /** So long nothing may have happened. */
  readonly idleMs: number;
  /** It is over after so long in any case. */
  readonly atMostMs: number;
}

const CHECK_MS = 25;

/**
 * Waits until nothing happens any more.
 *
 * @param activity - a number that changes when something happens
 * @param isDone - nothing more can happen
 */
export async function untilQuiet(
  limits: QuietLimits,
  activity: () => number,
  isDone: () => boolean = () => false,
): Promise<void> {
  const begun = performance.now();
  let lastActivity = activity();
  let lastChange = begun;
  while (!isDone()) {
    await sleep(CHECK_MS);
    const now = performance.now();
    const current = activity();
    if (current !== lastActivity) lastChange = now;
    lastActivity = current;
    if (now - lastChange >= limits.idleMs || now - begun >= limits.atMostMs) return;
  }
}
