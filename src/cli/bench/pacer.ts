import type { Clock } from "./clock.ts";

// A timer may be late by a millisecond and more, which would count as the server's. So the loop is held, for a moment too short
// to matter, while nothing is due and nothing arrives: it is neither spinning nor late.
const NAP_MS = 0.05;
const TIMER_RANGE_MICROS = 2_500;
const TIMER_MS = 1;

const NAP_CELL = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Calls a function at each turn of the event loop in which something may be due. */
export class Pacer {
  readonly #clock: Clock;
  readonly #onTurn: (nowMicros: number) => number;
  #isRunning = false;
  #isBusy = false;

  /**
   * @param onTurn - does what is due, and returns when something is due next
   */
  constructor(clock: Clock, onTurn: (nowMicros: number) => number) {
    this.#clock = clock;
    this.#onTurn = onTurn;
  }

  start(): void {
    this.#isRunning = true;
    this.#turn();
  }

  stop(): void {
    this.#isRunning = false;
  }

  /** Something arrived: the next turn comes at once. */
  noteActivity(): void {
    this.#isBusy = true;
  }

  readonly #turn = (): void => {
    if (!this.#isRunning) return;
    const dueMicros = this.#onTurn(this.#clock());
    const wait = dueMicros - this.#clock();
    if (wait > TIMER_RANGE_MICROS) {
      setTimeout(this.#turn, TIMER_MS);
      return;
    }
    if (!this.#isBusy && wait > 0) Atomics.wait(NAP_CELL, 0, 0, Math.min(NAP_MS, wait / 1000));
    this.#isBusy = false;
    setImmediate(this.#turn);
  };
}
