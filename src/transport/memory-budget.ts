/** A connection that holds buffered bytes. */
export interface BudgetHolder {
  /** Bytes it holds, in and out, as of the last account. */
  accountedBytes: number;
  /** What it holds at this moment. Less than was taken down, where its handler has caught up since. */
  readonly heldBytes: number;
  /** Cuts it, so that its bytes are free again. */
  shed(): void;
}

// How far below the budget shedding goes, so that it isn't at work for every further byte.
const SHED_TO = 0.9;

/**
 * The budget for all bytes that are buffered for or from slow peers. Each peer may stay below its own limit; where they exceed
 * this one together, those that hold the most are cut first.
 */
export class MemoryBudget {
  readonly maxBytes: number;
  /** Bytes held by all together. */
  heldBytes = 0;
  /** Connections cut so far. */
  shed = 0;
  readonly #holders = new Set<BudgetHolder>();

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Takes down what a connection holds now. */
  account(holder: BudgetHolder, bytes: number): void {
    const before = holder.accountedBytes;
    if (bytes === before) return;
    this.#take(holder, bytes);
    if (this.heldBytes > this.maxBytes && bytes > before) this.#shedLargest();
  }

  /** Takes down what all of them hold at this moment. */
  recount(): void {
    for (const holder of [...this.#holders]) this.#take(holder, holder.heldBytes);
  }

  #take(holder: BudgetHolder, bytes: number): void {
    const before = holder.accountedBytes;
    holder.accountedBytes = bytes;
    this.heldBytes += bytes - before;
    if (bytes === 0) this.#holders.delete(holder);
    else if (before === 0) this.#holders.add(holder);
  }

  #shedLargest(): void {
    this.recount();
    const target = this.maxBytes * SHED_TO;
    const largestFirst = [...this.#holders].sort((a, b) => b.accountedBytes - a.accountedBytes);
    for (const holder of largestFirst) {
      if (this.heldBytes <= target) return;
      this.shed++;
      holder.shed();
      this.#take(holder, 0);
    }
  }
}
