import { FIN, Opcode } from "../../websocket/index.ts";
import { FrameHeader } from "./frame-header.ts";

/** What a scanner comes upon beside messages. */
export interface ScannerEvents {
  /** A close, ping or pong frame; the payload is valid during the call only. */
  onControl(opcode: number, payload: Buffer): void;
  /** A message that is to be answered; see {@link FrameScanner}. */
  onPrompt(): void;
}

/** The first byte of a message in one frame. */
export const WHOLE_TEXT: number = FIN | Opcode.text;
/** As {@link WHOLE_TEXT}, for a binary one. */
export const WHOLE_BINARY: number = FIN | Opcode.binary;

/** A longer message is no prompt. */
export const MAX_PROMPT_BYTES = 64;

const MAX_CONTROL_BYTES = 125;

/**
 * Walks over the frames that a server sends (RFC 6455 §5.2), whatever the chunks that they come in, and copies no message.
 * What it does about messages is up to its subclasses; frames that are simple go through {@link scanWhole}, a loop of its own.
 *
 * A server's ping may be a message of its own protocol (`2` in Engine.IO): a message in one frame that is equal to `prompt` is
 * reported, and isn't counted.
 */
export abstract class FrameScanner {
  /** How many of what the subclass counts were found since the last {@link take}. */
  protected found = 0;
  /** The length of a prompt; -1, which no frame has, if there is none. */
  protected readonly promptBytes: number;

  readonly #events: ScannerEvents;
  readonly #prompt: Buffer | undefined;
  readonly #header = new FrameHeader();
  /** How much of the frame's payload is still to come. */
  #remaining = 0;
  /** A payload that must be seen whole, and how much of it is there: of a control frame, or of what may be a prompt. */
  #gathered: Buffer | undefined;
  #gatheredBytes = 0;
  #isGathering = false;

  constructor(events: ScannerEvents, prompt?: Buffer) {
    this.#events = events;
    this.#prompt = prompt;
    this.promptBytes = prompt?.length ?? -1;
  }

  /** How much was found since the last call. */
  take(): number {
    const { found } = this;
    this.found = 0;
    return found;
  }

  /** Reads what arrived. */
  scan(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#remaining > 0) {
        at = this.#readPayload(bytes, at, end);
        continue;
      }
      if (this.#header.isBlank) at = this.scanWhole(bytes, at, end);
      if (at < end && this.#header.read(bytes[at++] as number)) this.#beginPayload();
    }
  }

  /**
   * Reads as many frames as are simple: a whole message, its length in one byte and not a prompt's, there to its last byte.
   *
   * @returns the offset of the first byte that wasn't read
   */
  protected abstract scanWhole(bytes: Buffer, start: number, end: number): number;

  /** Reads a part of a message's payload. */
  protected abstract scanPart(bytes: Buffer, start: number, end: number): void;

  /** A frame of a message is over. */
  protected abstract endFrame(isFinal: boolean): void;

  #beginPayload(): void {
    const { payloadBytes, isControl } = this.#header;
    this.#remaining = payloadBytes;
    this.#isGathering = isControl || payloadBytes === this.promptBytes;
    this.#gatheredBytes = 0;
    if (payloadBytes === 0) this.#endPayload();
  }

  #readPayload(bytes: Buffer, at: number, end: number): number {
    const stop = Math.min(end, at + this.#remaining);
    this.#remaining -= stop - at;
    if (this.#isGathering) {
      this.#gathered ??= Buffer.alloc(MAX_CONTROL_BYTES);
      this.#gatheredBytes += bytes.copy(this.#gathered, this.#gatheredBytes, at, stop);
    } else {
      this.scanPart(bytes, at, stop);
    }
    if (this.#remaining === 0) this.#endPayload();
    return stop;
  }

  #endPayload(): void {
    const { isControl, isFinal, opcode } = this.#header;
    if (this.#isGathering) {
      const payload = (this.#gathered ?? Buffer.alloc(0)).subarray(0, this.#gatheredBytes);
      if (isControl) {
        this.#events.onControl(opcode, payload);
        return;
      }
      if (isFinal && this.#prompt?.equals(payload)) {
        this.#events.onPrompt();
        return;
      }
      this.scanPart(payload, 0, payload.length);
    }
    this.endFrame(isFinal);
  }
}
