import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { noTimes, type Percentiles } from "./pool-stats.ts";

const WINDOW_MS = 10_000;
// Microseconds up to an hour, within a hundredth: some kilobytes for each.
const HISTOGRAM = { lowest: 1, highest: 3_600_000_000, figures: 2 } as const;

/**
 * Percentiles of the last ten to twenty seconds: of the window of ten seconds under way and the one before.
 *
 * Most callers of a pool don't wait at all. Such a 0 is only counted, since counting is far cheaper than a histogram.
 */
export class RollingTimes {
  #current: RecordableHistogram = createHistogram(HISTOGRAM);
  #previous: RecordableHistogram = createHistogram(HISTOGRAM);
  #zeros = 0;
  #previousZeros = 0;
  #windowEndsAt = 0;

  /**
   * @param ms how long it took
   * @param now `performance.now()`
   */
  record(ms: number, now: number): void {
    if (now >= this.#windowEndsAt) this.#turn(now);
    if (ms === 0) this.#zeros += 1;
    else this.#current.record(Math.min(Math.max(Math.round(ms * 1_000), 1), HISTOGRAM.highest));
  }

  /** @param now `performance.now()` */
  percentiles(now: number): Percentiles {
    if (now >= this.#windowEndsAt) this.#turn(now);
    const times = createHistogram(HISTOGRAM);
    if (this.#current.count > 0) times.add(this.#current);
    if (this.#previous.count > 0) times.add(this.#previous);
    return summary(times, this.#zeros + this.#previousZeros);
  }

  #turn(now: number): void {
    const over = this.#current;
    const stillCounts = now < this.#windowEndsAt + WINDOW_MS;
    this.#current = this.#previous;
    this.#current.reset();
    this.#previous = over;
    if (!stillCounts) over.reset();
    this.#previousZeros = stillCounts ? this.#zeros : 0;
    this.#zeros = 0;
    this.#windowEndsAt = now + WINDOW_MS;
  }
}

function summary(times: RecordableHistogram, zeros: number): Percentiles {
  const count = times.count + zeros;
  if (count === 0) return noTimes;
  const at = (share: number): number => {
    const rank = share * count - zeros;
    // Zeros come first in the order of all times.
    return rank <= 0 || times.count === 0 ? 0 : times.percentile((rank / times.count) * 100) / 1_000;
  };
  return { count, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: times.count === 0 ? 0 : times.max / 1_000 };
}
