import type { LoadConnection, Place } from "./connection.ts";
import type { ConnectorEvents } from "./connector.ts";
import type { FrameBatch } from "./frame-batch.ts";
import type { Reasons } from "./reasons.ts";

/** What an opened connection is given to do. */
export interface ConnectionPurpose {
  /** What it sends. */
  batchFor(place: Place): FrameBatch;
  onOpen(connection: LoadConnection): void;
  onReading(bytes: number): void;
  onRead(connection: LoadConnection): void;
  /** It was open, and has been closed by the server. */
  onClosed(connection: LoadConnection): void;
  /** Each place has been connected or refused. */
  onAllTried(): void;
}

/** The connections of a process: each place is connected once, and stays connected if the server lets it. */
export class OpenedConnections implements ConnectorEvents {
  opened = 0;
  refused = 0;
  closed = 0;

  readonly #places: Iterator<Place>;
  readonly #purpose: ConnectionPurpose;
  readonly #reasons: Reasons;
  readonly #open = new Set<LoadConnection>();
  /** From now on it is us who close. */
  #isClosing = false;

  constructor(places: Iterable<Place>, purpose: ConnectionPurpose, reasons: Reasons) {
    this.#places = places[Symbol.iterator]();
    this.#purpose = purpose;
    this.#reasons = reasons;
  }

  /** Those that are open, in the order of their opening. */
  get open(): ReadonlySet<LoadConnection> {
    return this.#open;
  }

  next(): Place | undefined {
    const { value, done } = this.#places.next();
    return done === true ? undefined : value;
  }

  onOpen(connection: LoadConnection): void {
    this.opened++;
    this.#open.add(connection);
    connection.batch = this.#purpose.batchFor(connection.place);
    this.#purpose.onOpen(connection);
  }

  onReading(bytes: number): void {
    this.#purpose.onReading(bytes);
  }

  onRead(connection: LoadConnection): void {
    this.#purpose.onRead(connection);
  }

  onGone(connection: LoadConnection, reason: string): void {
    this.#open.delete(connection);
    if (this.#isClosing) return;
    this.#reasons.count(reason);
    if (connection.wasOpen) {
      this.closed++;
      this.#purpose.onClosed(connection);
    } else {
      this.refused++;
    }
  }

  onIdle(): void {
    this.#purpose.onAllTried();
  }

  /** Closes all that are open; what happens to them is no longer counted. */
  close(): void {
    this.#isClosing = true;
    for (const connection of this.#open) connection.close();
  }

  /** Doesn't wait for the server any longer. */
  destroy(): void {
    this.#isClosing = true;
    for (const connection of this.#open) connection.abandon("");
  }
}
