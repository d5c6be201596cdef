import {
  CloseCode,
  type DecoderLimits,
  FrameDecoder,
  type FrameSink,
  type InflateResult,
  isValidUtf8,
} from "../websocket/index.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { Inbox, ReceivedMessage } from "./inbox.ts";
import type { MessageCompression } from "./message-compression.ts";
import type { PeerRate } from "./peer-rate.ts";

/** Whose receive buffer it is, and what it tells it. */
export interface ReceiveBufferOwner {
  readonly stream: ByteStream;
  readonly inbox: Inbox;
  readonly compression: MessageCompression | null;
  readonly rate: PeerRate | null;
  /** A message has come, just before it goes to the inbox. */
  onReceived(): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  onClose(code: number, reason: string): void;
  onViolation(code: number, reason: string): void;
  /** Reading goes on after it was stopped. */
  onReadingResumed(): void;
}

const RATE_EXCEEDED = "rate limit exceeded";

/**
 * The receiving side of one connection: from bytes to messages in the inbox. When the handler is behind, it stops reading, so that TCP
 * pushes back; bytes that had come by then are kept, and decoded before any others.
 */
export class ReceiveBuffer implements FrameSink {
  readonly #owner: ReceiveBufferOwner;
  readonly #decoder: FrameDecoder;
  #rest: Buffer | null = null;
  #paused = false;
  #inflating = false;
  // The compressed message that is being inflated, or waits for it.
  #inflatingBytes = 0;
  #resuming = false;
  #finished = false;

  constructor(limits: DecoderLimits, owner: ReceiveBufferOwner) {
    this.#owner = owner;
    this.#decoder = new FrameDecoder(this, limits);
  }

  /** Bytes of memory that it and the inbox hold. */
  get heldBytes(): number {
    const restBytes = this.#rest?.length ?? 0;
    return this.#decoder.bufferedBytes + this.#owner.inbox.bytes + restBytes + this.#inflatingBytes;
  }

  /** Whether reading is stopped. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether a message has begun and not ended. */
  get isMidMessage(): boolean {
    return this.#decoder.isMidMessage;
  }

  /** Takes what has been read. */
  take(chunk: Buffer, start: number, end: number): void {
    if (this.#owner.rate?.takesBytes(end - start) === false)
      return this.#fail(CloseCode.policyViolation, RATE_EXCEEDED);
    if (this.#paused) return this.#keep(chunk, start, end);
    const consumed = this.#decoder.push(chunk, start, end);
    if (consumed < end) this.#keep(chunk, consumed, end);
  }

  /** The handler has caught up, or the connection is closing and only the close frame is waited for: goes on reading. */
  resume(): void {
    if (!this.#paused || this.#resuming) return;
    this.#resuming = true;
    // Not from within the handler's request for a message: what is decoded now would come before that one is given out.
    queueMicrotask(() => this.#resume());
  }

  /** Whatever comes is swallowed. */
  discard(): void {
    this.#decoder.discard();
    this.#rest = null;
  }

  /** The connection is gone. */
  finish(): void {
    this.#finished = true;
    this.discard();
  }

  onMessage(message: ReceivedMessage): void {
    if (this.#owner.rate?.takesMessage() === false)
      return this.#fail(CloseCode.policyViolation, RATE_EXCEEDED);
    this.#owner.onReceived();
    this.#owner.inbox.push(message);
    if (this.#owner.inbox.isFull) this.#pause();
  }

  onCompressed(payload: Buffer, isText: boolean): void {
    this.#inflating = true;
    this.#inflatingBytes = payload.length;
    this.#owner.compression?.inflate(payload, (result) => this.#onInflated(result, isText));
    if (this.#inflating) this.#pause();
  }

  onPing(payload: Buffer): void {
    if (this.#owner.rate?.takesMessage() === false)
      return this.#fail(CloseCode.policyViolation, RATE_EXCEEDED);
    this.#owner.onPing(payload);
  }

  onPong(payload: Buffer): void {
    if (this.#owner.rate?.takesMessage() === false)
      return this.#fail(CloseCode.policyViolation, RATE_EXCEEDED);
    this.#owner.onPong(payload);
  }

  onClose(code: number, reason: string): void {
    this.#owner.onClose(code, reason);
  }

  onViolation(code: number, reason: string): void {
    this.#owner.onViolation(code, reason);
  }

  #onInflated(result: InflateResult, isText: boolean): void {
    this.#inflating = false;
    this.#inflatingBytes = 0;
    if (this.#finished) return;
    if (result.kind === "too-big") this.#fail(CloseCode.messageTooBig, "message too big when inflated");
    else if (result.kind === "corrupt") this.#fail(CloseCode.invalidPayload, "corrupt compressed data");
    else this.#onInflatedBytes(result.bytes, isText);
    this.resume();
  }

  #onInflatedBytes(bytes: Buffer, isText: boolean): void {
    if (!isText) this.onMessage(bytes);
    else if (isValidUtf8(bytes, 0, bytes.length)) this.onMessage(bytes.toString("utf8"));
    else this.#fail(CloseCode.invalidPayload, "invalid UTF-8");
  }

  #fail(code: CloseCode, reason: string): void {
    this.discard();
    this.#owner.onViolation(code, reason);
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const bytes = Buffer.from(chunk.subarray(start, end));
    this.#rest = this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]);
  }

  #pause(): void {
    this.#decoder.halt();
    if (this.#paused) return;
    this.#paused = true;
    this.#owner.stream.pause();
  }

  #resume(): void {
    this.#resuming = false;
    if (!this.#paused || this.#finished || this.#inflating || this.#owner.inbox.isFull) return;
    this.#paused = false;
    this.#owner.onReadingResumed();
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null) {
      const consumed = this.#decoder.push(rest, 0, rest.length);
      if (consumed < rest.length) this.#rest = rest.subarray(consumed);
    }
    if (!this.#paused) this.#owner.stream.resume();
  }
}
