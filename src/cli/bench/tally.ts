import type { Clock } from "./clock.ts";
import { Histogram } from "./histogram.ts";
import type { MarkerSink } from "./marker-scanner.ts";

/** The part of a run that is measured, in microseconds on the run's clock: whole numbers, as in markers. */
export interface Window {
  readonly fromMicros: number;
  readonly untilMicros: number;
}

/**
 * What a process has sent and received. Rates come from what happened within the window; how much was delivered, and how
 * long it took, comes from the messages that were due in it, though they arrive after it.
 */
export class Tally implements MarkerSink {
  /** When the read that is being looked at came. */
  nowMicros = 0;
  /** Messages due in the window. */
  sent = 0;
  /** Messages sent in the window, whenever they were due. */
  sentInWindow = 0;
  /** Deliveries that the messages due in the window should bring. */
  expected = 0;
  /** Deliveries of messages that were due in the window. */
  received = 0;
  /** Deliveries that came in the window. */
  receivedInWindow = 0;
  bytesIn = 0;
  /** In microseconds. */
  readonly latency: Histogram = new Histogram();

  readonly #clock: Clock;
  // A run that hasn't started counts nothing.
  #from = Number.POSITIVE_INFINITY;
  #until = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets the window. */
  measure({ fromMicros, untilMicros }: Window): void {
    this.#from = fromMicros;
    this.#until = untilMicros;
  }

  /** Ends the window now, if it isn't over. */
  cutShort(): void {
    this.#until = Math.max(this.#from, Math.min(this.#until, Math.ceil(this.#clock())));
  }

  /** What is left of the window after {@link cutShort}, in seconds. */
  get seconds(): number {
    return Number.isFinite(this.#from) ? (this.#until - this.#from) / 1e6 : 0;
  }

  /** Whether a time is in the window. */
  covers(micros: number): boolean {
    return micros >= this.#from && micros < this.#until;
  }

  /** Notes what time it is, for all that happens from here on. */
  tick(): number {
    this.nowMicros = this.#clock();
    return this.nowMicros;
  }

  /** Notes the time of a read, and its length. */
  beginRead(bytes: number): void {
    if (this.covers(this.tick())) this.bytesIn += bytes;
  }

  onMarker(sentMicros: number): void {
    if (this.covers(this.nowMicros)) this.receivedInWindow++;
    if (!this.covers(sentMicros)) return;
    this.received++;
    this.latency.record(this.nowMicros - sentMicros);
  }

  /** Counts deliveries without a time of their own. */
  countDeliveries(count: number): void {
    if (this.covers(this.nowMicros)) this.receivedInWindow += count;
  }

  /** Counts a message that was due at some time and is sent now. */
  countDue(dueMicros: number, deliveries: number): void {
    if (this.covers(this.nowMicros)) this.sentInWindow++;
    if (!this.covers(dueMicros)) return;
    this.sent++;
    this.expected += deliveries;
  }

  /** Counts messages that were due and are sent now. */
  countSent(count: number, deliveriesEach: number): void {
    if (!this.covers(this.nowMicros)) return;
    this.sent += count;
    this.sentInWindow += count;
    this.expected += count * deliveriesEach;
  }
}
