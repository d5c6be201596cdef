// A number a slot, in memory that both sides see, so that either knows at once what the other has done, whatever messages are on their way.
const QUEUED = 0;
const STARTED = 1;
const CANCELLED = 2;

const CURRENT = 0;
const DOOMED = 1;
const BUSY = 2;
/** The first slot: those before it are the thread's own. */
export const FIRST_SLOT = 3;

/** Ends what a thread is at: it is to end, and undo what it hasn't committed. */
export class Doomed extends Error {}

/** The states of a thread's calls, in memory that both sides see. */
export class CallStates {
  /** To be handed to the thread. */
  readonly shared: Int32Array;

  constructor(shared: Int32Array) {
    this.shared = shared;
  }

  /** Room for so many slots. */
  static ofSize(slots: number): CallStates {
    return new CallStates(
      new Int32Array(new SharedArrayBuffer((FIRST_SLOT + slots) * Int32Array.BYTES_PER_ELEMENT)),
    );
  }

  /** A call is about to be sent. */
  queue(slot: number): void {
    Atomics.store(this.shared, slot, QUEUED);
  }

  /** The thread is about to begin a call. @returns false if it has been withdrawn, and must not be begun */
  start(slot: number): boolean {
    Atomics.store(this.shared, CURRENT, slot);
    return Atomics.compareExchange(this.shared, slot, QUEUED, STARTED) !== CANCELLED;
  }

  /** The thread has to begin a call later. @returns false if it has been cancelled meanwhile */
  putBack(slot: number): boolean {
    return Atomics.compareExchange(this.shared, slot, STARTED, QUEUED) === STARTED;
  }

  /** The thread is at no call for the moment. */
  rest(): void {
    Atomics.store(this.shared, CURRENT, 0);
  }

  /** The call that the thread is at; 0 for none. */
  get current(): number {
    return Atomics.load(this.shared, CURRENT);
  }

  /** Takes a call back. @returns false if the thread has begun it */
  withdraw(slot: number): boolean {
    return Atomics.compareExchange(this.shared, slot, QUEUED, CANCELLED) !== STARTED;
  }

  /** Has the thread stop a call at its next row. */
  cancel(slot: number): void {
    Atomics.store(this.shared, slot, CANCELLED);
  }

  /** Whether a call is to be stopped. */
  isCancelled(slot: number): boolean {
    return Atomics.load(this.shared, slot) === CANCELLED;
  }

  /** Has the thread undo what isn't committed, and end, as soon as SQLite returns: at the next row of what it is at, or at its end. */
  doom(): void {
    Atomics.store(this.shared, DOOMED, 1);
    const { current } = this;
    if (current !== 0) this.cancel(current);
  }

  /** Whether the thread is to end. */
  get isDoomed(): boolean {
    return Atomics.load(this.shared, DOOMED) === 1;
  }

  /** The thread begins to work. @throws Doomed if it is to end instead */
  enter(): void {
    Atomics.store(this.shared, BUSY, 1);
    if (this.isDoomed) throw new Doomed();
  }

  /** The thread is out of SQLite. */
  leave(): void {
    Atomics.store(this.shared, BUSY, 0);
    Atomics.notify(this.shared, BUSY);
  }

  /** Holds this thread until the other is out of SQLite. @returns false if that took too long */
  waitUntilOut(timeoutMs: number): boolean {
    return Atomics.wait(this.shared, BUSY, 1, timeoutMs) !== "timed-out";
  }
}
