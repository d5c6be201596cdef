import { TimerWheel } from "../internal/timer-wheel.ts";

// Fine enough for a timeout of 100 ms to be one. It ticks only while something is scheduled.
const TICK_MS = 25;

/** The one timer behind the deadlines of all pools: for a caller's turn, and for the work itself. */
export const deadlines: TimerWheel = new TimerWheel({ tickMs: TICK_MS });
deadlines.start();
