/** Told how often something happened again while it was kept quiet. */
export type OnRepeats = (cause: string, times: number) => void;

/**
 * Lets the first event of each cause through and counts the others for a while, so that a flood of one kind is two lines
 * of a log. Causes must be of a fixed, small set: nothing that a peer can choose.
 */
export class RepeatFilter {
  readonly #quietMs: number;
  readonly #onRepeats: OnRepeats;
  readonly #counts = new Map<string, number>();

  /** @param quietMs - how long a cause is quiet after its first event, in milliseconds */
  constructor(quietMs: number, onRepeats: OnRepeats) {
    this.#quietMs = quietMs;
    this.#onRepeats = onRepeats;
  }

  /** Whether an event is to be told of. */
  isFirst(cause: string): boolean {
    const count = this.#counts.get(cause);
    this.#counts.set(cause, count === undefined ? 0 : count + 1);
    if (count !== undefined) return false;
    setTimeout(() => this.#end(cause), this.#quietMs).unref();
    return true;
  }

  #end(cause: string): void {
    const times = this.#counts.get(cause) ?? 0;
    this.#counts.delete(cause);
    if (times > 0) this.#onRepeats(cause, times);
  }
}
