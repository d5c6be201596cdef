/** A connection that holds buffered bytes. */
export interface BudgetHolder {
  /** Bytes it holds, in and out, as of the last account. */
  accountedBytes: number;
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
    holder.accountedBytes = bytes;
    this.heldBytes += bytes - before;
    if (bytes === 0) this.#holders.delete(holder);
    else if (before === 0) this.#holders.add(holder);
    if (this.heldBytes > this.maxBytes && bytes > before) this.#shedLargest();
  }

  #shedLargest(): void {
    const target = this.maxBytes * SHED_TO;
    const largestFirst = [...this.#holders].sort((a, b) => b.accountedBytes - a.accountedBytes);
    for (const holder of largestFirst) {
      if (this.heldBytes <= target) return;
      this.shed++;
      holder.shed();
      this.account(holder, 0);
    }
  }
}
