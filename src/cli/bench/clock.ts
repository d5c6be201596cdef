/** Microseconds on a clock that all processes of one machine share. */
export type Clock = () => number;

/** Microseconds on the machine's monotonic clock, which hrtime reads for every process alike. */
export function monotonicMicros(): number {
  return performance.now() * 1000 + MONOTONIC_OF_ORIGIN;
}

// performance.now() counts on the same clock from the start of the process, and costs a fraction of hrtime.bigint().
const MONOTONIC_OF_ORIGIN = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;

/**
 * The clock of a run: the same moment reads the same in each of its processes, and is small enough for a marker.
 *
 * @param epochMicros - the run's zero, as {@link monotonicMicros} had it
 */
export function runClock(epochMicros: number): Clock {
  const offset = MONOTONIC_OF_ORIGIN - epochMicros;
  return () => performance.now() * 1000 + offset;
}
