import type { Clock } from "../clock.ts";
import type { LoadConnection } from "../connection.ts";
import type { FrameBatch } from "../frame-batch.ts";
import type { FrameScanner, ScannerEvents } from "../frame-scanner.ts";
import type { Census, Load, Schedule } from "../load.ts";
import { MarkerScanner } from "../marker-scanner.ts";
import { Pacer } from "../pacer.ts";
import type { Tally } from "../tally.ts";

/** How an open loop sends. */
export interface RateOptions {
  /** Messages a second, in all processes together. */
  readonly rate: number;
  /** Whether a message goes to its sender's whole group, or is answered once. */
  readonly hasGroups: boolean;
}

// What goes out in one write, so that a connection which lags behind for long takes little memory to catch up.
const MAX_WRITE_BYTES = 16 * 1024;

/**
 * An open loop: messages are due at even intervals, on one connection after the other, whether or not the server keeps up. Each
 * says when it was due, so that a latency holds what it had to wait for before it was sent ("coordinated omission"). A
 * connection whose last write isn't done doesn't send; it has its own schedule, and catches up on it later.
 */
export class RateLoad implements Load {
  readonly #tally: Tally;
  readonly #options: RateOptions;
  readonly #clock: Clock;
  readonly #prompt: Buffer | undefined;
  readonly #pacer: Pacer;
  #connections: readonly LoadConnection[] = [];
  #readers: readonly number[] = [];
  #startMicros = 0;
  #endMicros = 0;
  #intervalMicros = 1;
  /** How many messages have had their turn, those that their connection couldn't send included. */
  #turns = 0;
  #isSending = false;

  constructor(tally: Tally, options: RateOptions, setting: { clock: Clock; prompt: Buffer | undefined }) {
    this.#tally = tally;
    this.#options = options;
    this.#clock = setting.clock;
    this.#prompt = setting.prompt;
    this.#pacer = new Pacer(setting.clock, (now) => this.#sendDue(now));
  }

  createScanner(events: ScannerEvents): FrameScanner {
    return new MarkerScanner(events, this.#tally, this.#prompt);
  }

  begin(connections: readonly LoadConnection[], schedule: Schedule, census: Census): void {
    if (connections.length === 0) return;
    this.#connections = connections;
    this.#readers = census.readers;
    this.#startMicros = schedule.startMicros;
    this.#endMicros = schedule.untilMicros;
    this.#intervalMicros = (1e6 / this.#options.rate) * (census.open / connections.length);
    this.#isSending = true;
    this.#pacer.start();
  }

  onRead(connection: LoadConnection): void {
    connection.scanner.take();
    this.#pacer.noteActivity();
  }

  onGone(): void {
    // Its messages stay due, and are never sent.
  }

  end(): void {
    // What is due by now goes out, though the loop may have been held since the last turn.
    if (this.#isSending) this.#sendDue(this.#clock());
    this.#isSending = false;
    this.#pacer.stop();
  }

  /** @returns when the next message is due */
  #sendDue(now: number): number {
    this.#tally.tick();
    const due = Math.floor((Math.min(now, this.#endMicros) - this.#startMicros) / this.#intervalMicros) + 1;
    const count = this.#connections.length;
    // Each connection is looked at once, however many of its messages are due.
    const first = Math.max(this.#turns, due - count);
    for (let turn = first; turn < due && this.#isSending; turn++) this.#catchUp(turn % count, due);
    this.#turns = Math.max(this.#turns, due);
    return this.#startMicros + this.#turns * this.#intervalMicros;
  }

  /** Sends what is due on a connection, as far as its stream takes it. */
  #catchUp(position: number, due: number): void {
    const connection = this.#connections[position] as LoadConnection;
    const { batch, stream } = connection;
    if (batch === undefined) return;
    const count = this.#connections.length;
    const ownDue = Math.floor((due - 1 - position) / count) + 1;
    const atOnce = framesAWrite(batch);
    while (connection.sent < ownDue && connection.isOpen && stream.pendingBytes === 0) {
      const frames = Math.min(atOnce, ownDue - connection.sent);
      this.#sendFrames(connection, { batch, frames, position });
    }
  }

  #sendFrames(
    connection: LoadConnection,
    what: { batch: FrameBatch; frames: number; position: number },
  ): void {
    const { batch, frames, position } = what;
    const deliveries = this.#deliveriesEach(connection);
    batch.reserve(frames);
    for (let index = 0; index < frames; index++) {
      const turn = (connection.sent + index) * this.#connections.length + position;
      const dueMicros = this.#startMicros + turn * this.#intervalMicros;
      batch.stamp(index, dueMicros);
      this.#tally.countDue(dueMicros, deliveries);
    }
    connection.sent += frames;
    batch.send(connection.stream, frames);
  }

  #deliveriesEach({ place }: LoadConnection): number {
    if (this.#options.hasGroups) return this.#readers[place.group] ?? 0;
    return place.isSlow ? 0 : 1;
  }
}

function framesAWrite({ frameBytes }: FrameBatch): number {
  return Math.max(1, Math.floor(MAX_WRITE_BYTES / frameBytes));
}
