import type { TimerEntry } from "../internal/timer-wheel.ts";
import { encodeRefusal, parseRequestHead, type Refusal, type RequestHead } from "../websocket/index.ts";
import type { ByteStream, StreamReader } from "./byte-stream.ts";
import type { FrontDoor } from "./front-door.ts";
import type { BudgetHolder } from "./memory-budget.ts";
import type { RefusalCause } from "./server-stats.ts";

// What a refused peer may still send before it is cut, and for how long its answer is kept from being lost with a reset.
const LINGER_MS = 1000;

const TIMEOUT: Refusal = { status: 408, message: "The handshake was not done in time" };

type State = "reading" | "deciding" | "refused" | "done";

/** A connection until it is known what it wants: reads the head of its first request, within a time and a size. */
export class Handshake implements StreamReader, TimerEntry, BudgetHolder {
  wheelNext: TimerEntry | null = null;
  wheelPrevious: TimerEntry | null = null;
  wheelDueAt = 0;
  accountedBytes = 0;
  heldBytes = 0;
  readonly stream: ByteStream;
  readonly #door: FrontDoor;
  // What the admission said: a peer that isn't admitted is read all the same, so that it can be told why.
  readonly #overload: { refusal: Refusal; cause: RefusalCause } | null;
  #state: State = "reading";
  // What has come of a head that isn't whole yet; doubled when it is full, so that a head sent byte by byte costs no more.
  #received: Buffer | null = null;
  #length = 0;

  constructor(
    door: FrontDoor,
    stream: ByteStream,
    overload: { refusal: Refusal; cause: RefusalCause } | null,
  ) {
    this.#door = door;
    this.stream = stream;
    this.#overload = overload;
  }

  start(): void {
    this.#door.engine.wheel.schedule(this, this.#door.options.handshakeTimeoutMs);
    this.stream.open(this);
  }

  /** Begins with a head that something else has read: an HTTP server. */
  startWith(head: RequestHead, rest: Buffer): void {
    this.#door.engine.wheel.schedule(this, this.#door.options.handshakeTimeoutMs);
    this.stream.pause();
    this.stream.open(this);
    if (this.#begins()) this.#door.onUpgradeHead(this, head, { bytes: rest, end: 0 });
  }

  /** Whether a decision on it can still be carried out. */
  get isUndecided(): boolean {
    return this.#state === "deciding";
  }

  onBytes(chunk: Buffer, start: number, end: number): void {
    if (this.#state !== "reading") return;
    const scanned = this.#length;
    const bytes = this.#received === null ? chunk.subarray(start, end) : this.#gather(chunk, start, end);
    const parse = parseRequestHead(bytes, 0, bytes.length, this.#door.options, scanned);
    if (parse.kind === "refused") this.refuse(parse.refusal, "malformed");
    else if (parse.kind === "head") this.#onHead(parse.head, bytes, parse.end);
    else if (this.#received === null) this.#gather(bytes, 0, bytes.length);
  }

  onWritten(): void {
    if (this.#state === "refused") this.stream.end();
  }

  onEnd(): void {
    if (this.#state !== "deciding") this.stream.destroy();
  }

  onClosed(): void {
    this.#leave();
  }

  onDeadline(): void {
    if (this.#state === "refused") this.stream.destroy();
    else this.refuse(TIMEOUT, "handshakeTimeout");
  }

  /**
   * Answers with a refusal, and nothing that follows on this connection is taken for a request.
   *
   * @throws RangeError or TypeError for one that may not be sent
   */
  refuse(refusal: Refusal, cause: RefusalCause): void {
    if (this.#state === "refused" || this.#state === "done") return;
    // First of all: a refusal that a user has made may be one that can't be sent.
    const response = encodeRefusal(refusal);
    this.#state = "refused";
    this.#received = null;
    this.hold(0);
    this.#door.onRefused(this.stream, refusal, cause);
    this.#door.engine.wheel.schedule(this, LINGER_MS);
    this.stream.resume();
    if (this.stream.write(response)) this.stream.end();
  }

  /** It has become something else, which reads the stream from now on. */
  handOver(): void {
    this.#state = "done";
    this.hold(0);
    this.#door.engine.wheel.cancel(this);
  }

  /** Takes down what it holds: bytes of an unfinished head, or what came behind one that is being decided on. */
  hold(bytes: number): void {
    this.heldBytes = bytes;
    if (bytes !== this.accountedBytes) this.#door.engine.budget.account(this, bytes);
  }

  shed(): void {
    this.stream.destroy();
  }

  #gather(chunk: Buffer, start: number, end: number): Buffer {
    const length = this.#length + end - start;
    if (this.#received === null || this.#received.length < length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#length, 512));
      this.#received?.copy(grown, 0, 0, this.#length);
      this.#received = grown;
      this.hold(grown.length);
    }
    chunk.copy(this.#received, this.#length, start, end);
    this.#length = length;
    return this.#received.subarray(0, length);
  }

  #onHead(head: RequestHead, bytes: Buffer, end: number): void {
    if (this.#begins()) this.#door.onHead(this, head, { bytes, end });
  }

  // Whether there is anything to decide: not about one that isn't let in.
  #begins(): boolean {
    if (this.#overload !== null) {
      this.refuse(this.#overload.refusal, this.#overload.cause);
      return false;
    }
    this.#state = "deciding";
    this.#received = null;
    this.hold(0);
    return true;
  }

  #leave(): void {
    if (this.#state === "done") return;
    this.handOver();
    this.#door.onGone(this, this.#overload === null);
  }
}
