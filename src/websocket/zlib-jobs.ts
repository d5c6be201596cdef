import { RingQueue } from "../internal/ring-queue.ts";

/**
 * How many messages are compressed or inflated in zlib's threads at a time, in the whole process: as many as libuv has
 * threads by default. More would only hold more memory, and keep others who need those threads waiting.
 */
const MAX_RUNNING = 4;

/** Starts its work, and calls `finished` once, when the thread is free again. */
type Job = (finished: () => void) => void;

const waiting = new RingQueue<Job>();
let running = 0;

/** Runs a job now, or when enough of those before it have finished; first come, first served. */
export function runZlibJob(job: Job): void {
  if (running === MAX_RUNNING) waiting.push(job);
  else start(job);
}

/** How many jobs have not finished yet, waiting ones included. */
export function pendingZlibJobs(): number {
  return running + waiting.size;
}

function start(job: Job): void {
  running++;
  job(finish);
}

function finish(): void {
  running--;
  const next = waiting.shift();
  if (next !== undefined) start(next);
}
