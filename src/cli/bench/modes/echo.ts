import type { LoadConnection } from "../connection.ts";
import type { FrameScanner, ScannerEvents } from "../frame-scanner.ts";
import type { Load } from "../load.ts";
import { MarkerScanner } from "../marker-scanner.ts";
import type { Tally } from "../tally.ts";

/**
 * A closed loop: each connection has `depth` messages outstanding, and sends as many new ones, in one write, as a read brought
 * answers.
 */
export class EchoLoad implements Load {
  readonly #tally: Tally;
  readonly #depth: number;
  readonly #prompt: Buffer | undefined;
  #isSending = false;

  constructor(tally: Tally, depth: number, prompt: Buffer | undefined) {
    this.#tally = tally;
    this.#depth = depth;
    this.#prompt = prompt;
  }

  createScanner(events: ScannerEvents): FrameScanner {
    return new MarkerScanner(events, this.#tally, this.#prompt);
  }

  begin(connections: readonly LoadConnection[]): void {
    this.#isSending = true;
    for (const connection of connections) {
      connection.batch?.reserve(this.#depth);
      this.#tally.tick();
      this.#send(connection, this.#depth);
    }
  }

  onRead(connection: LoadConnection): void {
    const answers = connection.scanner.take();
    // A server that sends more than it was sent must not be sent ever more.
    if (answers > 0 && this.#isSending) this.#send(connection, Math.min(answers, this.#depth));
  }

  onGone(): void {
    // What it had outstanding is lost.
  }

  end(): void {
    this.#isSending = false;
  }

  #send(connection: LoadConnection, count: number): void {
    const { batch, stream, place } = connection;
    if (batch === undefined || !connection.isOpen) return;
    const { nowMicros } = this.#tally;
    for (let index = 0; index < count; index++) batch.stamp(index, nowMicros);
    batch.send(stream, count);
    this.#tally.countSent(count, place.isSlow ? 0 : 1);
  }
}
