import { type EventLoopUtilization, performance } from "node:perf_hooks";

/** How busy this thread's event loop has been, from sample to sample. */
export class LoopUtilization {
  readonly #read: () => EventLoopUtilization;
  #previous: EventLoopUtilization;

  /** @param read - where the running totals come from; performance.eventLoopUtilization unless given */
  constructor(read: () => EventLoopUtilization = () => performance.eventLoopUtilization()) {
    this.#read = read;
    this.#previous = read();
  }

  /** The share of the time since the previous sample in which the loop was not waiting for anything: 0 to 1. */
  sample(): number {
    const current = this.#read();
    const active = current.active - this.#previous.active;
    const idle = current.idle - this.#previous.idle;
    this.#previous = current;
    // No time between two samples, or none yet in which the loop ran, says nothing about load.
    return active + idle > 0 ? Math.min(Math.max(active / (active + idle), 0), 1) : 0;
  }
}
