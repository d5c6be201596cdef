import type { StopReason, Watch } from "./watch.ts";

/** All that is under way in a pool, or in a transaction: a list whose links are in the watches, so that it allocates nothing. */
export class Watches {
  #first: Watch | null = null;
  #stopped: StopReason | undefined;
  #onEmpty: (() => void)[] = [];

  /** Also after {@link Watches.stop}: what had been let in just before is stopped as well. */
  add(watch: Watch): void {
    watch.next = this.#first;
    if (this.#first !== null) this.#first.previous = watch;
    this.#first = watch;
    if (this.#stopped !== undefined) watch.stop(this.#stopped);
  }

  /** Takes one out, if it is in. */
  delete(watch: Watch): void {
    const { next, previous } = watch;
    if (this.#first !== watch && previous === null) return;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next !== null) next.previous = previous;
    watch.next = null;
    watch.previous = null;
    if (this.#first === null && this.#onEmpty.length > 0) this.#tellEmpty();
  }

  /** Has everything end, now and from now on. */
  stop(reason: StopReason): void {
    this.#stopped ??= reason;
    for (const watch of this.#all()) watch.stop(reason);
  }

  /** Has the streams end. */
  stopStreams(): void {
    for (const watch of this.#all()) if (watch.isStream) watch.stop("abort");
  }

  /** Waits until nothing is under way. */
  ended(): Promise<void> {
    if (this.#first === null) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  // As they are now: what is stopped may leave the list at once.
  #all(): Watch[] {
    const all: Watch[] = [];
    for (let watch = this.#first; watch !== null; watch = watch.next) all.push(watch);
    return all;
  }

  #tellEmpty(): void {
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const tell of waiting) tell();
  }
}
