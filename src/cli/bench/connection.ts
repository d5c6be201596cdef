import type { ByteStream, StreamReader } from "../../transport/index.ts";
import { Opcode } from "../../websocket/index.ts";
import { connectTo, type Endpoint } from "./endpoint.ts";
import type { FrameBatch } from "./frame-batch.ts";
import type { FrameScanner, ScannerEvents } from "./frame-scanner.ts";
import type { Handshake } from "./handshake.ts";
import { maskedFrame } from "./masked-frame.ts";

/** Who a connection is. */
export interface Place {
  readonly index: number;
  readonly group: number;
  /** Whether it stops reading once it is open. */
  readonly isSlow: boolean;
}

/** What all connections of a process have in common. */
export interface ConnectionSetup {
  readonly endpoint: Endpoint;
  readonly handshake: Handshake;
  /** What answers a prompt; see {@link FrameScanner}. */
  readonly promptAnswer: Buffer | undefined;
  createScanner(events: ScannerEvents): FrameScanner;
}

/** Told of what happens to a connection. */
export interface ConnectionEvents {
  /** The handshake is done. */
  onOpen(connection: LoadConnection): void;
  /** Before what has arrived is scanned. */
  onReading(bytes: number): void;
  /** After it was. */
  onRead(connection: LoadConnection): void;
  /** It is closed, or never opened. */
  onGone(connection: LoadConnection, reason: string): void;
}

const NORMAL_CLOSURE: Buffer = maskedFrame(Opcode.close, Buffer.from([0x03, 0xe8]));
const NO_HEAD: Buffer = Buffer.alloc(0);
// What RFC 6455 §7.1.5 calls 1006.
const CUT = "cut without a close frame";

/** A connection to the server under test. */
export class LoadConnection implements ScannerEvents, StreamReader {
  readonly place: Place;
  readonly stream: ByteStream;
  readonly scanner: FrameScanner;
  /** What it sends; set once it is open. */
  batch: FrameBatch | undefined;
  /** How many messages it has sent, where that is of interest. */
  sent = 0;

  readonly #setup: ConnectionSetup;
  readonly #events: ConnectionEvents;
  #wasOpen = false;
  #isClosing = false;
  #state: "connecting" | "open" | "closed" = "connecting";
  #head: Buffer = NO_HEAD;
  #reason = "";

  /** @throws TypeError if what the handshake asks for can't be sent */
  constructor(place: Place, setup: ConnectionSetup, events: ConnectionEvents) {
    this.place = place;
    this.#setup = setup;
    this.#events = events;
    this.scanner = setup.createScanner(this);
    const request = setup.handshake.requestFor(place.index, place.group);
    this.stream = connectTo(setup.endpoint, place.index, {
      reader: this,
      onConnected: () => this.stream.write(request),
    });
  }

  /** Whether it was opened, and isn't closed. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether the handshake was done, whatever came after. */
  get wasOpen(): boolean {
    return this.#wasOpen;
  }

  /** Closes it without a word: the server gets a reset, and no port is left waiting. */
  drop(): void {
    this.stream.reset();
  }

  /** Gives up on it. */
  abandon(reason: string): void {
    this.#reason ||= reason;
    this.stream.destroy();
  }

  /** Asks the server to close it. */
  close(): void {
    // RFC 6455 §7.1.1: "the server ... SHOULD close the connection first", which leaves the waiting for late packets to it.
    this.#isClosing = true;
    if (this.#state === "open") this.stream.write(NORMAL_CLOSURE);
    else this.stream.destroy();
  }

  onBytes(bytes: Buffer, from: number, end: number): void {
    const start = this.#state === "connecting" ? this.#readAnswer(bytes, from, end) : from;
    if (start === end || this.#state !== "open") return;
    this.#events.onReading(end - start);
    this.scanner.scan(bytes, start, end);
    this.#events.onRead(this);
  }

  onWritten(): void {
    // Whoever has more to send looks when it is due.
  }

  onEnd(): void {
    this.stream.destroy();
  }

  onClosed(error?: string): void {
    this.#reason ||= error ?? (this.#wasOpen ? CUT : "cut before the handshake was answered");
    this.#state = "closed";
    this.#events.onGone(this, this.#reason);
  }

  onControl(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.ping) {
      // RFC 6455 §5.5.3: "identical 'Application data'".
      this.stream.write(maskedFrame(Opcode.pong, payload));
    } else if (opcode === Opcode.close) {
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : undefined;
      this.#reason ||= code === undefined ? "closed without a code" : `closed with ${code}`;
      // RFC 6455 §5.5.1: "typically echos the status code it received".
      if (!this.#isClosing) this.stream.write(maskedFrame(Opcode.close, payload.subarray(0, 2)));
      this.stream.end();
    }
  }

  onPrompt(): void {
    if (this.#setup.promptAnswer !== undefined) this.stream.write(this.#setup.promptAnswer);
  }

  /** @returns the offset of the first byte that isn't the answer's */
  #readAnswer(bytes: Buffer, start: number, end: number): number {
    const arrived = bytes.subarray(start, end);
    const before = this.#head.length;
    const head = before === 0 ? arrived : Buffer.concat([this.#head, arrived]);
    const answer = this.#setup.handshake.readAnswer(head);
    if (answer.kind === "open") {
      this.#head = NO_HEAD;
      this.#state = "open";
      this.#wasOpen = true;
      this.#events.onOpen(this);
      if (this.place.isSlow) this.stream.pause();
      return start + answer.end - before;
    }
    if (answer.kind === "refused") this.abandon(answer.reason);
    else this.#head = before === 0 ? Buffer.from(arrived) : head;
    return end;
  }
}
