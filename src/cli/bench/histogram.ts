/** A histogram as it travels between processes: index and count of each bucket that isn't empty. */
export interface HistogramData {
  readonly buckets: readonly (readonly [index: number, count: number])[];
  readonly max: number;
}

// 128 buckets to each power of two: a value is off by less than 0.8%.
const SUB_BUCKET_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
/** Some 35 minutes in microseconds; larger values count as this. */
const LARGEST = 2 ** 31 - 1;

/**
 * Counts values from 0 to 2^31 in log-linear buckets.
 *
 * `hdr-histogram-js` does the same; it is recorded into millions of times a second here, beside the scanner, and what it
 * would save is these few lines.
 */
export class Histogram {
  readonly #counts = new Float64Array(bucketOf(LARGEST) + 1);
  #max = 0;

  /** Counts a value; below 0 counts as 0. */
  record(value: number): void {
    const whole = value > 0 ? (value < LARGEST ? value | 0 : LARGEST) : 0;
    const bucket = bucketOf(whole);
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    if (whole > this.#max) this.#max = whole;
  }

  /** How many values were counted. */
  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** The largest value, exactly. */
  get max(): number {
    return this.#max;
  }

  /** The value that so large a share (0 to 1) of the values doesn't exceed; 0 of none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) return Math.min(highestOf(bucket), this.#max);
    }
    return 0;
  }

  /** Takes in what another one has counted. */
  add({ buckets, max }: HistogramData): void {
    for (const [index, count] of buckets) this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.#max = Math.max(this.#max, max);
  }

  /** What was counted, to be sent to another process. */
  toData(): HistogramData {
    const buckets: [number, number][] = [];
    this.#counts.forEach((count, index) => {
      if (count > 0) buckets.push([index, count]);
    });
    return { buckets, max: this.#max };
  }
}

/** Up to 2 x SUB_BUCKETS each value has its own; above, the leading SUB_BUCKET_BITS + 1 bits decide. */
function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - SUB_BUCKET_BITS - Math.clz32(value));
  return shift * SUB_BUCKETS + (value >>> shift);
}

/** The largest value in a bucket. */
function highestOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / SUB_BUCKETS) - 1);
  return (bucket - shift * SUB_BUCKETS + 1) * 2 ** shift - 1;
}
