import type { LoadConnection, Place } from "../connection.ts";
import type { Connector, ConnectorEvents } from "../connector.ts";
import type { FrameScanner, ScannerEvents } from "../frame-scanner.ts";
import type { Load, LoadCounts } from "../load.ts";
import { MessageCounter } from "../message-counter.ts";
import type { Tally } from "../tally.ts";

/** How connections are opened and closed. */
export interface ConnectOptions {
  /** So many handshakes are under way at a time. */
  readonly concurrency: number;
  /** Close with the closing handshake, rather than drop the connection. */
  readonly closes: boolean;
  /** The place of the n-th connection of this process. */
  placeOf(count: number): Place;
  createConnector(events: ConnectorEvents): Connector;
  /** No handshake succeeds: there is nothing to measure. */
  onHopeless(): void;
  onRefused(reason: string): void;
}

// Connections that wait for the server to close them, for each handshake that may be under way.
const CLOSING_PER_HANDSHAKE = 4;
const HOPELESS = 100;

/** Opens connections, and drops or closes each once it is open; a latency is a handshake's, from the first packet on. */
export class ConnectLoad implements Load {
  readonly #tally: Tally;
  readonly #options: ConnectOptions;
  #connector: Connector | undefined;
  #begun = 0;
  #opened = 0;
  #openedInWindow = 0;
  #refused = 0;
  #closing = 0;
  #isRunning = false;

  constructor(tally: Tally, options: ConnectOptions) {
    this.#tally = tally;
    this.#options = options;
  }

  createScanner(events: ScannerEvents): FrameScanner {
    return new MessageCounter(events);
  }

  begin(): void {
    this.#isRunning = true;
    this.#connector = this.#options.createConnector({
      next: () => this.#next(),
      onOpen: (connection) => this.#onOpened(connection),
      onReading: (bytes) => this.#tally.beginRead(bytes),
      onRead: (connection) => this.onRead(connection),
      onGone: (connection, reason) => this.#onClosed(connection, reason),
    });
    this.#connector.fill();
  }

  onRead({ scanner }: LoadConnection): void {
    this.#tally.countDeliveries(scanner.take());
  }

  onGone(): void {
    // Its connections are its own.
  }

  end(): void {
    this.#isRunning = false;
    this.#connector?.stop();
  }

  counts(): LoadCounts {
    return {
      handshakes: {
        begun: this.#begun,
        opened: this.#opened,
        refused: this.#refused,
        inWindow: this.#openedInWindow,
      },
    };
  }

  #next(): Place | undefined {
    const { concurrency, placeOf } = this.#options;
    if (!this.#isRunning || this.#closing >= concurrency * CLOSING_PER_HANDSHAKE) return undefined;
    return placeOf(this.#begun++);
  }

  #onOpened(connection: LoadConnection): void {
    const now = this.#tally.tick();
    const begunAt = this.#connector?.begunAt(connection) ?? performance.now();
    this.#opened++;
    this.#closing++;
    if (this.#tally.covers(now)) {
      this.#openedInWindow++;
      this.#tally.latency.record((performance.now() - begunAt) * 1000);
    }
    if (this.#options.closes) connection.close();
    else connection.drop();
  }

  #onClosed(connection: LoadConnection, reason: string): void {
    if (connection.wasOpen) {
      this.#closing--;
      this.#connector?.fill();
      return;
    }
    if (!this.#isRunning) return;
    this.#refused++;
    this.#options.onRefused(reason);
    if (this.#opened === 0 && this.#refused >= HOPELESS) {
      this.end();
      this.#options.onHopeless();
    }
  }
}
