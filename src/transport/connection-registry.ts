/** What can be registered: it knows its place, so that no search is needed. */
export interface Registered {
  registryIndex: number;
}

/** All open connections, in one array without gaps: 8 bytes each. */
export class ConnectionRegistry<T extends Registered> implements Iterable<T> {
  readonly #members: T[] = [];

  /** How many there are. */
  get size(): number {
    return this.#members.length;
  }

  /** Adds one. */
  add(member: T): void {
    member.registryIndex = this.#members.length;
    this.#members.push(member);
  }

  /** Removes one; the last one takes its place. */
  delete(member: T): void {
    const index = member.registryIndex;
    if (this.#members[index] !== member) return;
    const last = this.#members.pop() as T;
    if (last !== member) {
      this.#members[index] = last;
      last.registryIndex = index;
    }
    member.registryIndex = -1;
  }

  /** Goes through a copy, so that connections may close meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#members.slice()[Symbol.iterator]();
  }
}
