const FIRST_CAPACITY = 8;
// A queue that has been larger than this gives its array back once it is empty; a smaller one would only allocate it again.
const KEPT_CAPACITY = 64;

/**
 * First in, first out, in an array whose ends meet. Nothing is allocated per item, nor for a queue that was never used;
 * the array doubles when it is full.
 */
export class RingQueue<T> {
  // Its length is a power of two, or 0 before the first item.
  #items: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  /** How many items are waiting. */
  get size(): number {
    return this.#size;
  }

  /** Puts an item at the end. */
  push(item: T): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = item;
    this.#size += 1;
  }

  /** Takes the first item; undefined if there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#size -= 1;
    if (this.#size === 0 && this.#items.length > KEPT_CAPACITY) this.clear();
    return item;
  }

  /** The first item, left where it is; undefined if there is none. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#head];
  }

  /** Drops every item, and the array with them. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const capacity = this.#items.length === 0 ? FIRST_CAPACITY : this.#items.length * 2;
    const items = new Array<T | undefined>(capacity).fill(undefined);
    for (let at = 0; at < this.#size; at++)
      items[at] = this.#items[(this.#head + at) & (this.#items.length - 1)];
    this.#items = items;
    this.#head = 0;
  }
}
