import { CloseCode, isValidCloseCode } from "./close-code.ts";
import { BINARY_FRAME, TEXT_FRAME } from "./frame-encoder.ts";
import { nonAscii, readMaskingKey, rotateMaskingKey, unmask } from "./mask.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { FIN, Opcode, RSV1 } from "./opcode.ts";
import { isValidUtf8 } from "./utf8-validator.ts";

/** What a decoder tells of, in the order of the bytes. */
export interface FrameSink {
  /** A whole message: a string if it came as text, else bytes of its own. */
  onMessage(message: string | Buffer): void;
  /** The whole payload of a compressed message, still to be inflated (RFC 7692 §7.2.2); bytes of its own. */
  onCompressed(payload: Buffer, isText: boolean): void;
  /** A ping; its payload may only be read during the call. */
  onPing(payload: Buffer): void;
  /** A pong; its payload may only be read during the call. */
  onPong(payload: Buffer): void;
  /** A close frame; 1005 and "" if it had no body. What follows it is discarded. */
  onClose(code: number, reason: string): void;
  /** The peer broke a rule, and the connection has to fail with this code (RFC 6455 §7.1.7). What follows is discarded. */
  onViolation(code: number, reason: string): void;
}

/** Which side a decoder is on, and what it takes at the most. */
export interface DecoderLimits {
  /** A server wants masked frames, a client unmasked ones (RFC 6455 §5.1). */
  readonly role: "server" | "client";
  /** The largest message, in payload bytes as they are on the wire. */
  readonly maxMessageBytes: number;
  /** The most frames that one message may be cut into. */
  readonly maxFragments: number;
  /** Whether permessage-deflate was negotiated, so that RSV1 has a meaning. */
  readonly compression: boolean;
}

const MAX_HEADER_BYTES = 14;
const MAX_CONTROL_BYTES = 125;
const RSV_BITS = 0x70;
const CONTROL_BIT = 0x08;

// What is done with the next byte. Failing or closing changes this one slot, so that no other branch asks whether it has.
const READ_HEADER = 0;
const READ_PAYLOAD = 1;
const DISCARD = 2;

/**
 * Frames in, messages out (RFC 6455 §5). Bytes are unmasked and read where they are; only what is not yet whole is copied, so
 * that a read of whole frames allocates nothing but the messages themselves. Any cut of the same bytes gives the same events.
 */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #limits: DecoderLimits;
  #mode = READ_HEADER;
  #halted = false;
  // The frame in progress.
  #firstByte = 0;
  #remaining = 0;
  #key = 0;
  // A header or a control frame that has not arrived as a whole.
  #partial: Buffer | null = null;
  #partialBytes = 0;
  // A message that has not arrived as a whole.
  #message: MessageBuffer | null = null;

  constructor(sink: FrameSink, limits: DecoderLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Bytes of memory that hold what isn't whole yet. */
  get bufferedBytes(): number {
    return (this.#partial?.length ?? 0) + (this.#message?.capacity ?? 0);
  }

  /** Whether a message or a frame has begun and not ended, be it with the first byte of a header; whole control frames don't count. */
  get isMidMessage(): boolean {
    return this.#message !== null || this.#mode === READ_PAYLOAD || this.#partialBytes > 0;
  }

  /**
   * Takes bytes, and unmasks them in place.
   *
   * @returns up to where they were consumed: `end`, or less if {@link halt} was called.
   */
  push(chunk: Buffer, start: number, end: number): number {
    let at = start;
    this.#halted = false;
    while (at < end && !this.#halted) {
      if (this.#mode === READ_HEADER) at = this.#readHeader(chunk, at, end);
      else if (this.#mode === READ_PAYLOAD) at = this.#readPayload(chunk, at, end);
      else return end;
    }
    return at;
  }

  /** Called from within an event: makes {@link push} return after the frame in progress. */
  halt(): void {
    this.#halted = true;
  }

  /** From now on, whatever comes is swallowed. */
  discard(): void {
    this.#mode = DISCARD;
    this.#message = null;
    this.#partial = null;
    this.#partialBytes = 0;
  }

  #readHeader(chunk: Buffer, at: number, end: number): number {
    if (this.#partialBytes > 0 || end - at < 2) return this.#gatherHeader(chunk, at, end);
    const size = headerBytes(chunk[at + 1] as number);
    if (end - at < size) return this.#gatherHeader(chunk, at, end);
    if (!this.#begin(chunk, at)) return end;
    return this.#readFrame(chunk, at + size, end);
  }

  // A header that came in pieces is put together in a buffer of its own.
  #gatherHeader(chunk: Buffer, start: number, end: number): number {
    this.#partial ??= Buffer.allocUnsafeSlow(MAX_HEADER_BYTES);
    const header = this.#partial;
    let at = start;
    while (at < end) {
      header[this.#partialBytes++] = chunk[at++] as number;
      if (this.#partialBytes < 2 || this.#partialBytes < headerBytes(header[1] as number)) continue;
      this.#partialBytes = 0;
      this.#partial = null;
      if (!this.#begin(header, 0)) return end;
      return this.#readFrame(chunk, at, end);
    }
    return at;
  }

  #readFrame(chunk: Buffer, at: number, end: number): number {
    const payloadEnd = at + this.#remaining;
    if (payloadEnd <= end) {
      const seen = this.#unmask(chunk, at, payloadEnd);
      this.#wholePayload(chunk, at, payloadEnd, seen);
      return payloadEnd;
    }
    this.#mode = READ_PAYLOAD;
    return at < end ? this.#readPayload(chunk, at, end) : at;
  }

  #unmask(chunk: Buffer, start: number, end: number): number {
    if (this.#limits.role === "server") return unmask(chunk, start, end, this.#key);
    return nonAscii(chunk, start, end);
  }

  #wholePayload(chunk: Buffer, start: number, end: number, seen: number): void {
    const first = this.#firstByte;
    if (first === TEXT_FRAME) {
      if (seen === 0) this.#sink.onMessage(chunk.toString("latin1", start, end));
      else if (isValidUtf8(chunk, start, end)) this.#sink.onMessage(chunk.toString("utf8", start, end));
      else this.#notUtf8();
    } else if (first === BINARY_FRAME) {
      this.#sink.onMessage(Buffer.copyBytesFrom(chunk, start, end - start));
    } else if ((first & CONTROL_BIT) !== 0) {
      this.#control(chunk.subarray(start, end));
    } else {
      this.#fragment(chunk, start, end, seen);
    }
  }

  #readPayload(chunk: Buffer, start: number, limit: number): number {
    const end = Math.min(limit, start + this.#remaining);
    const seen = this.#unmask(chunk, start, end);
    if ((this.#firstByte & CONTROL_BIT) !== 0) this.#gatherControl(chunk, start, end);
    else this.#fragment(chunk, start, end, seen);
    this.#key = rotateMaskingKey(this.#key, end - start);
    return end;
  }

  #gatherControl(chunk: Buffer, start: number, end: number): void {
    this.#partial ??= Buffer.allocUnsafeSlow(MAX_CONTROL_BYTES);
    chunk.copy(this.#partial, this.#partialBytes, start, end);
    this.#partialBytes += end - start;
    this.#remaining -= end - start;
    if (this.#remaining > 0) return;
    const payload = this.#partial.subarray(0, this.#partialBytes);
    this.#partial = null;
    this.#partialBytes = 0;
    this.#mode = READ_HEADER;
    this.#control(payload);
  }

  // A piece of a message: a whole fragment, or as much of a frame as has arrived.
  #fragment(chunk: Buffer, start: number, end: number, seen: number): void {
    const opcode = this.#firstByte & 0x0f;
    this.#message ??= new MessageBuffer(opcode === Opcode.text, (this.#firstByte & RSV1) !== 0);
    const remaining = (this.#firstByte & FIN) === 0 ? Number.POSITIVE_INFINITY : this.#remaining;
    const isUtf8 = this.#message.append(chunk, start, end, { nonAscii: seen, remaining });
    if (!isUtf8) return this.#notUtf8();
    this.#remaining -= end - start;
    if (this.#remaining > 0) return;
    this.#mode = READ_HEADER;
    if ((this.#firstByte & FIN) !== 0) this.#endOfMessage(this.#message);
  }

  #endOfMessage(message: MessageBuffer): void {
    this.#message = null;
    if (message.isCompressed) return this.#sink.onCompressed(message.bytes(), message.isText);
    if (!message.isText) return this.#sink.onMessage(message.bytes());
    const text = message.text();
    if (text === undefined) this.#notUtf8();
    else this.#sink.onMessage(text);
  }

  #control(payload: Buffer): void {
    const opcode = this.#firstByte & 0x0f;
    if (opcode === Opcode.ping) this.#sink.onPing(payload);
    else if (opcode === Opcode.pong) this.#sink.onPong(payload);
    else this.#close(payload);
  }

  #close(payload: Buffer): void {
    if (payload.length === 0) {
      this.discard();
      return this.#sink.onClose(CloseCode.noStatus, "");
    }
    // §5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer"
    if (payload.length === 1) return this.#fail(CloseCode.protocolError, "close frame of one byte");
    const code = payload.readUInt16BE(0);
    if (!isValidCloseCode(code)) return this.#fail(CloseCode.protocolError, "invalid close code");
    if (!isValidUtf8(payload, 2, payload.length)) return this.#notUtf8();
    this.discard();
    this.#sink.onClose(code, payload.toString("utf8", 2));
  }

  // Reads and judges a header that has arrived as a whole. From it alone, before anything is allocated for its payload.
  #begin(bytes: Buffer, at: number): boolean {
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const broken = this.#brokenRule(first, second);
    if (broken !== undefined) return this.#refuse(CloseCode.protocolError, broken);
    const length = payloadLength(bytes, at);
    if (length < 0)
      return this.#refuse(CloseCode.protocolError, "length not in its minimal form, or over 63 bits");
    if ((first & CONTROL_BIT) === 0 && !this.#takesData(first, length)) return false;
    this.#firstByte = first;
    this.#remaining = length;
    if ((second & 0x80) !== 0) this.#key = readMaskingKey(bytes, at + headerBytes(second) - 4);
    return true;
  }

  #brokenRule(first: number, second: number): string | undefined {
    const opcode = first & 0x0f;
    const rsv = first & RSV_BITS;
    // §5.2: "MUST be 0 unless an extension is negotiated"; RFC 7692 §6.1: RSV1 on the first fragment of a message only.
    if (rsv !== 0 && !(rsv === RSV1 && this.#limits.compression && (opcode === 1 || opcode === 2))) {
      return "reserved bits set";
    }
    if (opcode > Opcode.pong || (opcode > Opcode.binary && opcode < Opcode.close)) return "reserved opcode";
    // §5.1: "a client MUST mask all frames that it sends", "A server MUST NOT mask any frames that it sends"
    if (((second & 0x80) !== 0) !== (this.#limits.role === "server")) {
      return this.#limits.role === "server" ? "frame not masked" : "frame masked";
    }
    // §5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
    if ((first & CONTROL_BIT) === 0) return undefined;
    if ((first & FIN) === 0) return "fragmented control frame";
    return (second & 0x7f) > MAX_CONTROL_BYTES ? "control frame over 125 bytes" : undefined;
  }

  #takesData(first: number, length: number): boolean {
    const message = this.#message;
    const continues = (first & 0x0f) === Opcode.continuation;
    // §5.4: fragments of one message may not be interleaved with those of another.
    if (continues !== (message !== null)) {
      const reason = continues ? "continuation of nothing" : "new message within a fragmented one";
      return this.#refuse(CloseCode.protocolError, reason);
    }
    if (length + (message?.length ?? 0) > this.#limits.maxMessageBytes) {
      return this.#refuse(CloseCode.messageTooBig, "message too big");
    }
    if (message === null || ++message.fragments <= this.#limits.maxFragments) return true;
    return this.#refuse(CloseCode.policyViolation, "too many fragments");
  }

  #refuse(code: CloseCode, reason: string): false {
    this.#fail(code, reason);
    return false;
  }

  // §8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid
  // UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
  #notUtf8(): void {
    this.#fail(CloseCode.invalidPayload, "invalid UTF-8");
  }

  #fail(code: CloseCode, reason: string): void {
    this.discard();
    this.#sink.onViolation(code, reason);
  }
}

// §5.2: two bytes, the extended length, the masking key.
function headerBytes(second: number): number {
  const length = second & 0x7f;
  const extended = length < 126 ? 0 : length === 126 ? 2 : 8;
  return 2 + extended + ((second & 0x80) >>> 5);
}

/** The length that a header announces; -1 if it isn't in its minimal form or has its highest bit set (RFC 6455 §5.2). */
function payloadLength(bytes: Buffer, at: number): number {
  const short = (bytes[at + 1] as number) & 0x7f;
  if (short < 126) return short;
  if (short === 126) {
    const length = bytes.readUInt16BE(at + 2);
    return length < 126 ? -1 : length;
  }
  const high = bytes.readUInt32BE(at + 2);
  const low = bytes.readUInt32BE(at + 6);
  if (high > 0x7fffffff || (high === 0 && low < 65536)) return -1;
  return high * 0x1_0000_0000 + low;
}
