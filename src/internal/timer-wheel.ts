/** What can stand in a {@link TimerWheel}: the links are the wheel's own, so that scheduling allocates nothing. */
export interface TimerEntry {
  /** The wheel's; null while the entry is not scheduled. */
  wheelNext: TimerEntry | null;
  /** The wheel's; null while the entry is not scheduled. */
  wheelPrevious: TimerEntry | null;
  /** The wheel's: when it is due, in virtual milliseconds. */
  wheelDueAt: number;
  /** Called once the deadline has passed; the entry is out of the wheel by then, and may schedule itself again. */
  onDeadline(now: number): void;
}

/** A {@link TimerEntry} to extend. */
export abstract class Deadline implements TimerEntry {
  /** The wheel's; null while the entry is not scheduled. */
  wheelNext: TimerEntry | null = null;
  /** The wheel's; null while the entry is not scheduled. */
  wheelPrevious: TimerEntry | null = null;
  /** The wheel's: when it is due, in virtual milliseconds. */
  wheelDueAt = 0;
  abstract onDeadline(now: number): void;
}

/** How a {@link TimerWheel} is built. */
export interface TimerWheelOptions {
  /** How often deadlines are looked at, in whole milliseconds. @default 100 */
  readonly tickMs?: number;
  /** Over how many slots the entries are spread: a power of two, 4 or more. @default 512 */
  readonly slots?: number;
  /** Monotonic milliseconds. @default performance.now */
  readonly clock?: () => number;
}

const MAX_DELAY_MS = 2 ** 48;
// Time that goes by faster than this many ticks in one is our own loop being held, not the peers being slow.
const MAX_TICKS_AT_ONCE = 2;

/**
 * One timer for the deadlines of all connections. Scheduling and cancelling are O(1) and allocate nothing; a deadline is
 * met within a tick, never early.
 *
 * Its time is virtual. However long the event loop was held, a tick moves it by two ticks at the most, and what has
 * arrived meanwhile is read before anything expires: a stall of ours extends all deadlines and cuts no healthy peer.
 */
export class TimerWheel {
  readonly #tickMs: number;
  readonly #mask: number;
  readonly #clock: () => number;
  readonly #slots: ListHead[];
  // Entries whose time has come but that have not been called yet. A field, so that an entry that throws loses no other.
  readonly #expired = new ListHead();
  #now = 0;
  #realNow: number;
  #stalledMs = 0;
  #tickIndex = 0;
  #size = 0;
  // Nothing was scheduled at the last tick, and nothing has been since: no time that goes by can hurt anyone.
  #idle = true;
  #started = false;
  #interval: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;

  constructor(options: TimerWheelOptions = {}) {
    const slots = options.slots ?? 512;
    this.#tickMs = options.tickMs ?? 100;
    if (!Number.isInteger(this.#tickMs) || this.#tickMs < 1)
      throw new RangeError("tickMs is a whole number from 1");
    if (slots < 4 || !Number.isInteger(Math.log2(slots)))
      throw new RangeError("slots is a power of two from 4");
    this.#mask = slots - 1;
    this.#clock = options.clock ?? (() => performance.now());
    this.#slots = Array.from({ length: slots }, () => new ListHead());
    this.#realNow = Math.floor(this.#clock());
  }

  /** Virtual milliseconds since the wheel was made, as of the last tick; it stands still while nothing is scheduled. */
  get now(): number {
    return this.#now;
  }

  /** By how many milliseconds all deadlines have been extended so far because the loop was held. */
  get stalledMs(): number {
    return this.#stalledMs;
  }

  /** How many entries are scheduled. */
  get size(): number {
    return this.#size;
  }

  /** Has the entry called after so many milliseconds, instead of when it was to be called before. */
  schedule(entry: TimerEntry, delayMs: number): void {
    if (this.#idle) this.#wake();
    if (entry.wheelNext === null) this.#size += 1;
    else unlink(entry);
    entry.wheelDueAt = this.#presentMs() + wholeDelay(delayMs);
    // Further than a round is all right: the entry stays in its slot until its own round comes.
    const dueIndex = Math.max(Math.ceil(entry.wheelDueAt / this.#tickMs), this.#tickIndex + 1);
    append(this.#slot(dueIndex), entry);
  }

  /** Takes the entry out, if it is in. */
  cancel(entry: TimerEntry): void {
    if (entry.wheelNext === null) return;
    unlink(entry);
    this.#size -= 1;
  }

  /** Lets the time run: from now on the wheel ticks by itself while anything is scheduled, without keeping the process. */
  start(): void {
    this.#started = true;
    if (!this.#idle) this.#run();
  }

  /** Holds the time. What is scheduled stays so. */
  stop(): void {
    this.#started = false;
    if (this.#interval !== null) clearInterval(this.#interval);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#interval = null;
    this.#immediate = null;
  }

  /** Moves the time on, and calls the entries that are due by it. A started wheel does this by itself. */
  tick(realNow: number): void {
    const elapsed = this.#elapse(realNow);
    const advance = this.#idle ? elapsed : Math.min(elapsed, MAX_TICKS_AT_ONCE * this.#tickMs);
    this.#stalledMs += elapsed - advance;
    this.#advance(advance);
    this.#callExpired();
    if (this.#size === 0) this.#rest();
  }

  #slot(index: number): ListHead {
    return this.#slots[index & this.#mask] as ListHead;
  }

  // The virtual time at this moment, no later than the next tick will have it. Rounded up, where ticks round down, so that
  // no deadline is met a fraction early.
  #presentMs(): number {
    const elapsed = Math.max(Math.ceil(this.#clock()) - this.#realNow, 0);
    return this.#now + Math.min(elapsed, MAX_TICKS_AT_ONCE * this.#tickMs);
  }

  // Whole milliseconds since this was last called. They are kept whole everywhere: a fraction that was rounded differently
  // in two places would leave an entry in its slot for another round.
  #elapse(realNow: number): number {
    const elapsed = Math.max(Math.floor(realNow) - this.#realNow, 0);
    this.#realNow += elapsed;
    return elapsed;
  }

  #advance(ms: number): void {
    this.#now += ms;
    const tickIndex = Math.floor(this.#now / this.#tickMs);
    if (!this.#idle) {
      for (let index = this.#tickIndex + 1; index <= tickIndex; index++) this.#expire(this.#slot(index));
    }
    this.#tickIndex = tickIndex;
  }

  #expire(slot: ListHead): void {
    for (let entry = slot.wheelNext; entry !== slot; ) {
      const next = entry.wheelNext as TimerEntry;
      if (entry.wheelDueAt <= this.#now) {
        unlink(entry);
        append(this.#expired, entry);
      }
      entry = next;
    }
  }

  #callExpired(): void {
    for (let entry = this.#expired.wheelNext; entry !== this.#expired; entry = this.#expired.wheelNext) {
      unlink(entry);
      this.#size -= 1;
      entry.onDeadline(this.#now);
    }
  }

  // The time that went by with nothing scheduled counts in full, and not as a stall.
  #wake(): void {
    this.#advance(this.#elapse(this.#clock()));
    this.#idle = false;
    if (this.#started) this.#run();
  }

  #rest(): void {
    this.#idle = true;
    if (this.#interval !== null) clearInterval(this.#interval);
    this.#interval = null;
  }

  #run(): void {
    this.#interval ??= setInterval(() => {
      this.#immediate ??= setImmediate(() => this.#tickAfterReading());
    }, this.#tickMs).unref();
  }

  // Immediates run when the loop has read what had arrived. If it was held while it did that, more has arrived since, which
  // it reads in its next turn.
  #tickAfterReading(): void {
    const heldMs = this.#clock() - this.#realNow - MAX_TICKS_AT_ONCE * this.#tickMs;
    this.#immediate = heldMs > 0 ? setImmediate(() => this.#tickNow()) : null;
    if (this.#immediate === null) this.#tickNow();
  }

  #tickNow(): void {
    this.#immediate = null;
    this.tick(this.#clock());
  }
}

// The end that both directions of a list come back to, so that taking an entry out needs to know no list.
class ListHead implements TimerEntry {
  wheelNext: TimerEntry = this;
  wheelPrevious: TimerEntry = this;
  wheelDueAt = 0;
  onDeadline(): void {}
}

function append(list: ListHead, entry: TimerEntry): void {
  const last = list.wheelPrevious;
  entry.wheelPrevious = last;
  entry.wheelNext = list;
  last.wheelNext = entry;
  list.wheelPrevious = entry;
}

function unlink(entry: TimerEntry): void {
  const previous = entry.wheelPrevious as TimerEntry;
  const next = entry.wheelNext as TimerEntry;
  previous.wheelNext = next;
  next.wheelPrevious = previous;
  entry.wheelNext = null;
  entry.wheelPrevious = null;
}

function wholeDelay(delayMs: number): number {
  return delayMs > 0 ? Math.min(Math.ceil(delayMs), MAX_DELAY_MS) : 0;
}
