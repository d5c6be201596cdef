const MAX_KINDS = 20;
const OTHERS = "other reasons";

/** Counts why connections were refused or closed. */
export class Reasons {
  readonly #counts = new Map<string, number>();

  /** Counts one. */
  count(reason: string, times = 1): void {
    // A server may give each connection a reason of its own.
    const isNew = !this.#counts.has(reason);
    const kind = isNew && this.#counts.size >= MAX_KINDS ? OTHERS : reason;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + times);
  }

  /** How often which. */
  toRecord(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
