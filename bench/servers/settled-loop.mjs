// How late the loop was, while connections neither come nor go: what they take is no part of what is compared.

import { monitorEventLoopDelay } from "node:perf_hooks";

const LOOK_EVERY_MS = 250;
// Code is compiled, pools are filled and threads are started in the first seconds of work.
const SETTLING_MS = 3_000;

/** @param {{ readonly size: number }} connections */
export function watchSettledLoop(connections) {
  const late = monitorEventLoopDelay({ resolution: 1 });
  late.enable();
  let [known, changedAt] = [0, performance.now()];
  /** @type {number | null} */
  let heldMs = null;
  let unsettledMs = 0;

  setInterval(() => {
    const lateMs = late.max / 1e6;
    late.reset();
    const now = performance.now();
    if (connections.size !== known) [known, changedAt] = [connections.size, now];
    if (known > 0 && now - changedAt > SETTLING_MS) heldMs = Math.max(heldMs ?? 0, lateMs);
    else unsettledMs = Math.max(unsettledMs, lateMs);
  }, LOOK_EVERY_MS);

  /** The longest since it was last asked; null if nothing has settled. */
  return function longest() {
    const seen = { heldMs, unsettledMs };
    [heldMs, unsettledMs] = [null, 0];
    return seen;
  };
}
