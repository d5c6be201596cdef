import * as z from "zod";
import { checkOptions } from "../errors/index.ts";
import type { PoolStats } from "./pool-stats.ts";

/** How a resource is doing. */
export type ResourceHealth = ResourceUp | ResourceDown | ResourceClosed;

/** It serves, for all that it knows. */
export interface ResourceUp {
  /** Which of them it is. */
  readonly status: "up";
}

/** Its server can't be reached at the moment: callers get coded errors, and it is tried again by itself. */
export interface ResourceDown {
  /** Which of them it is. */
  readonly status: "down";
  /** What went wrong when it was last tried. */
  readonly reason: string;
}

/** It has been closed, and does not open again. */
export interface ResourceClosed {
  /** Which of them it is. */
  readonly status: "closed";
}

/** How a resource is closed. */
export interface ResourceCloseOptions {
  /** What is still running after so many milliseconds is cancelled. Infinity waits for as long as it takes. @default 5_000 */
  readonly drainMs?: number;
}

const DRAIN_MS = 5_000;

const closeOptions = z.strictObject(
  {
    // What zod calls a number isn't Infinity.
    drainMs: z
      .custom<number>(
        (value) => typeof value === "number" && value >= 0,
        "must be a number of milliseconds from 0 up",
      )
      .optional(),
  },
  "must be an object, such as { drainMs: 5_000 }",
);

/** How long a pool waits for what is running when it is closed, in milliseconds. @throws SLUICE_INVALID_OPTION */
export function resolveDrainMs(options: ResourceCloseOptions): number {
  checkOptions(closeOptions, options);
  return options.drainMs ?? DRAIN_MS;
}

/**
 * Something scarce that handlers share: a database, a cache, a pool of threads. A server that is given it opens it before it
 * listens, tells how it is doing in its health endpoint, and closes it once the last connection is gone.
 */
export interface Resource {
  /** What it is called in errors, health and statistics. */
  readonly name: string;
  /** Whether a server refuses to start without it. */
  readonly required: boolean;
  /**
   * Sees that it can be reached. Nothing has to wait for it: a pool connects by itself when it is first used.
   *
   * @throws the coded error of what is wrong, such as SLUICE_UNREACHABLE or SLUICE_CREDENTIALS_REFUSED
   */
  open(): Promise<void>;
  /** How it is doing, from what it last saw: asks nobody. */
  health(): ResourceHealth;
  /** Gauges, counters and percentiles. */
  stats(): PoolStats;
  /** Takes nothing more (SLUICE_POOL_CLOSED), waits for what is running, and lets everything go. A second call waits for the first. */
  close(options?: ResourceCloseOptions): Promise<void>;
}
