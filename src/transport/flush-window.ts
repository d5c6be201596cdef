import { LoopUtilization } from "../diagnostics/index.ts";

const SAMPLE_MS = 25;
// While the loop keeps up, writing at the end of each turn is the fastest there is, even if there is little time left: longer turns
// gather more by themselves. Only when nothing has been left for a while does gathering for longer help.
const BUSY = 0.98;
const SUSTAINED_SAMPLES = 4;
const FIRST_MS = 1;
const GROWTH = 1.5;

/**
 * How long frames are gathered before they are written: not at all while the loop has time, longer once its utilisation stays at the
 * top, since a longer window makes fewer writes, and writes are what costs.
 */
export class FlushWindow {
  /** In milliseconds; 0 means: at the end of this turn of the loop. */
  delayMs = 0;
  readonly #maxMs: number;
  readonly #utilization: LoopUtilization;
  #sampledAtMs = 0;
  #busySamples = 0;

  constructor(maxMs: number, utilization: LoopUtilization = new LoopUtilization()) {
    this.#maxMs = maxMs;
    this.#utilization = utilization;
  }

  /** Looks at the loop's utilisation, if some time has gone by since it last did. */
  adapt(nowMs: number): void {
    if (nowMs - this.#sampledAtMs < SAMPLE_MS) return;
    this.#sampledAtMs = nowMs;
    if (this.#utilization.sample() >= BUSY) this.#widen();
    else this.#narrow();
  }

  // A burst is over before a window would have been of any use.
  #widen(): void {
    if (++this.#busySamples < SUSTAINED_SAMPLES) return;
    this.delayMs = Math.min(this.#maxMs, this.delayMs === 0 ? FIRST_MS : this.delayMs * GROWTH);
  }

  // An open window makes idle time by itself: what it costs in latency is soon taken back, if it turns out that it isn't needed.
  #narrow(): void {
    this.#busySamples = 0;
    this.delayMs = this.delayMs <= FIRST_MS ? 0 : this.delayMs / 2;
  }
}
