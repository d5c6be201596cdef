import { LoopUtilization } from "../diagnostics/index.ts";

const SAMPLE_MS = 25;
// While the loop keeps up, writing at the end of each turn is the fastest there is, even if there is little time left. Only when nothing is
// left does gathering longer help. Between the two the window stays as it is, so that it doesn't swing.
const BUSY = 0.98;
const RELAXED = 0.9;
const FIRST_MS = 1;

/**
 * How long frames are gathered before they are written: not at all while the loop has time, longer as its utilisation rises,
 * since a longer window makes fewer writes, and writes are what costs.
 */
export class FlushWindow {
  /** In milliseconds; 0 means: at the end of this turn of the loop. */
  delayMs = 0;
  readonly #maxMs: number;
  readonly #utilization: LoopUtilization;
  #sampledAtMs = 0;

  constructor(maxMs: number, utilization: LoopUtilization = new LoopUtilization()) {
    this.#maxMs = maxMs;
    this.#utilization = utilization;
  }

  /** Looks at the loop's utilisation, if some time has gone by since it last did. */
  adapt(nowMs: number): void {
    if (nowMs - this.#sampledAtMs < SAMPLE_MS) return;
    this.#sampledAtMs = nowMs;
    const busy = this.#utilization.sample();
    if (busy >= BUSY)
      this.delayMs = Math.min(this.#maxMs, this.delayMs === 0 ? FIRST_MS : this.delayMs * 1.5);
    else if (busy < RELAXED) this.delayMs = this.delayMs <= FIRST_MS ? 0 : this.delayMs / 1.5;
  }
}
