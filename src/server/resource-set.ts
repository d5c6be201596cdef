import { within } from "../internal/within.ts";
import type { Resource } from "../pools/index.ts";

// What a resource may take beyond the deadline to give up what it is at; one that hangs holds up nobody for longer.
const CLOSE_GRACE_MS = 2_000;

/** Told of what goes wrong without stopping anything. */
export type ReportResource = (error: unknown) => void;

/** The resources of a server: opened all at once before it listens, closed one by one after its last connection. */
export class ResourceSet {
  /** As they were given, each once. */
  readonly all: readonly Resource[];
  readonly #report: ReportResource;
  #opening: Promise<void> | undefined;

  constructor(resources: readonly Resource[], report: ReportResource) {
    this.all = Object.freeze([...new Set(resources)]);
    this.#report = report;
  }

  /**
   * Opens all of them. What can't be opened and isn't required is reported.
   *
   * @throws what the first of those that are required threw
   */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /**
   * Closes them in reverse order, since what comes later may need what came before. What goes wrong is reported.
   *
   * @param deadline by `performance.now()`; what is still running then is cancelled
   */
  async close(deadline: number): Promise<void> {
    // One that is being opened can't be relied upon to be closed.
    if (this.#opening !== undefined) await within(deadline - performance.now(), this.#opening.catch(ignored));
    for (const resource of [...this.all].reverse()) {
      const drainMs = Math.max(Math.floor(deadline - performance.now()), 0);
      const closing = Promise.resolve()
        .then(() => resource.close({ drainMs }))
        .catch(this.#report);
      await within(drainMs + CLOSE_GRACE_MS, closing);
    }
  }

  async #open(): Promise<void> {
    const openings = await Promise.allSettled(this.all.map(async (resource) => resource.open()));
    const failures: unknown[] = [];
    for (const [index, opening] of openings.entries()) {
      if (opening.status === "fulfilled") continue;
      if (this.all[index]?.required === false) this.#report(opening.reason);
      else failures.push(opening.reason);
    }
    if (failures.length > 0) throw failures[0];
  }
}

function ignored(): void {}
