import {
  BINARY_FRAME,
  frameHeaderBytes,
  MAX_HEADER_BYTES,
  maxTextFrameBytes,
  RSV1,
  TEXT_FRAME,
  writeBinaryFrame,
  writeFrameHeader,
  writeTextFrame,
} from "../websocket/index.ts";
import { Backlog, type Dropped, lastFrame } from "./backlog.ts";
import type { ByteStream } from "./byte-stream.ts";
import type { SendBufferOptions } from "./connection-options.ts";
import type { Flusher } from "./flusher.ts";
import type { SharedFrames, SharedSink } from "./group-log.ts";
import type { MessageCompression } from "./message-compression.ts";

// From this size on, a payload is written from where it is instead of being copied next to its header.
const ZERO_COPY_BYTES = 16 * 1024;

// A text has to be encoded somewhere in any case: up to this length that is the arena, where it needs no buffer of its own.
const ARENA_TEXT_UNITS = 16 * 1024;

// So much is handed to the kernel at a time when a peer catches up; what is still here can be dropped, what is there can't.
const CATCH_UP_BYTES = 256 * 1024;

const NONE: Buffer[] = [];

/** Whose send buffer it is, and what it tells it. */
export interface SendBufferOwner {
  readonly stream: ByteStream;
  readonly compression: MessageCompression | null;
  /** Messages were dropped by the slow-consumer policy. */
  onDropped(dropped: Dropped): void;
  /** The slow-consumer policy wants the connection closed. */
  onTooSlow(): void;
  /** Bytes that wait have become more or fewer: for the memory budget. */
  onHeldChanged(): void;
  /** The buffer is at its low-water mark again after it was above the high one. */
  onDrained(): void;
}

/**
 * The send buffer of one connection. Frames gather in the flusher's arena and are written in one call; while the kernel takes
 * no more, they wait in a backlog, where the slow-consumer policy acts on them.
 */
export class SendBuffer implements SharedSink {
  readonly #stream: ByteStream;
  readonly #flusher: Flusher;
  readonly #options: SendBufferOptions;
  readonly #owner: SendBufferOwner;
  // The frames in the arena that this connection has gathered last, in a row.
  #runStart = 0;
  #runEnd = 0;
  // What goes before that run.
  #sealed: Buffer[] | null = null;
  #sealedBytes = 0;
  // A write is with the kernel: what comes now has to wait. Null if not.
  #backlog: Backlog | null = null;
  // While a write is with the kernel: the newest ping and pong, so that any number of them takes no room.
  #ping: Buffer | null = null;
  #pong: Buffer | null = null;
  #aboveHighWater = false;
  // The connection is closing: nothing but its control frames is sent any more.
  #closed = false;
  #finished = false;
  /** Whether it is in the flusher's list. */
  isDirty = false;

  constructor(flusher: Flusher, options: SendBufferOptions, owner: SendBufferOwner) {
    this.#stream = owner.stream;
    this.#flusher = flusher;
    this.#options = options;
    this.#owner = owner;
  }

  /** Bytes that the kernel has not taken. */
  get bufferedBytes(): number {
    const gathered = this.#runEnd - this.#runStart + this.#sealedBytes;
    return this.#backlog === null ? gathered : gathered + this.#backlog.bytes + this.#stream.pendingBytes;
  }

  /** Bytes that are held because the peer is slow. */
  get heldBytes(): number {
    return this.#backlog === null ? 0 : this.#backlog.bytes + this.#stream.pendingBytes;
  }

  /** Whether the buffer has been above the high-water mark and not yet come down to the low one. */
  get isAboveHighWater(): boolean {
    return this.#aboveHighWater;
  }

  /** Whether the kernel takes no more for now. */
  get isBlocked(): boolean {
    return this.#backlog !== null;
  }

  /** Gathers a text message. @returns false if it was dropped, or the buffer is above its high-water mark. */
  sendText(text: string, key: string): boolean {
    const { compression } = this.#owner;
    if (compression?.compresses(text.length, this.#mayDrop) === true) {
      return this.#sendBytes(TEXT_FRAME | RSV1, compression.deflate(Buffer.from(text)), key);
    }
    if (text.length > ARENA_TEXT_UNITS) this.flush();
    if (this.#backlog !== null) return this.#sendBytes(TEXT_FRAME, Buffer.from(text), key);
    if (text.length > ARENA_TEXT_UNITS) return this.#writeLargeText(text);
    const { arena } = this.#flusher;
    const most = maxTextFrameBytes(text);
    if (!arena.has(most) && !this.#makeRoom(most)) return this.#sendBytes(TEXT_FRAME, Buffer.from(text), key);
    const start = arena.end;
    this.#gathered(start, writeTextFrame(arena.bytes, start, text));
    return !this.#aboveHighWater;
  }

  /** Gathers a binary message. @returns as {@link sendText}. */
  sendBinary(payload: Uint8Array, key: string): boolean {
    const { compression } = this.#owner;
    if (compression?.compresses(payload.byteLength, this.#mayDrop) === true) {
      return this.#sendBytes(BINARY_FRAME | RSV1, compression.deflate(asBuffer(payload)), key);
    }
    const arena = this.#flusher.arena;
    if (this.#backlog !== null || payload.byteLength >= ZERO_COPY_BYTES) {
      return this.#sendBytes(BINARY_FRAME, payload, key);
    }
    const most = payload.byteLength + MAX_HEADER_BYTES;
    if (!arena.has(most) && !this.#makeRoom(most))
      return this.#sendBytes(BINARY_FRAME, Buffer.from(payload), key);
    const start = arena.end;
    this.#gathered(start, writeBinaryFrame(arena.bytes, start, payload));
    return !this.#aboveHighWater;
  }

  /** Gathers a control frame, which no policy touches. */
  sendControl(frame: Buffer): void {
    if (this.#finished) return;
    if (this.#backlog !== null) {
      this.#backlogProbes(this.#backlog);
      return this.#backlog.appendControl(frame);
    }
    this.#seal();
    this.#pushSealed(frame);
    this.#touch();
  }

  /** Gathers a pong. While the peer doesn't read, only the answer to its newest ping is kept (RFC 6455 §5.5.3). */
  sendPong(frame: Buffer): void {
    if (this.#backlog === null) this.sendControl(frame);
    else this.#pong = frame;
  }

  /** Gathers a ping. While the peer doesn't read, only the newest is kept. */
  sendPing(frame: Buffer): void {
    if (this.#backlog === null) this.sendControl(frame);
    else this.#ping = frame;
  }

  /**
   * Takes whole frames that others send too, without a copy.
   *
   * @param mayWrite Whether nothing else can come before them, so that they may be written at once.
   * @returns whether the bytes are still needed.
   */
  share(shared: SharedFrames, mayWrite: boolean): boolean {
    if (this.#closed) return false;
    this.#flusher.stats.messagesOut += shared.messages;
    if (this.#backlog !== null) return this.#backlogShared(shared);
    const { frames } = shared;
    if (!mayWrite || this.#runEnd > this.#runStart || this.#sealed !== null) {
      this.#seal();
      this.#pushSealed(frames);
      this.#touch();
      return false;
    }
    if (this.#stream.write(frames)) return false;
    this.#block();
    return true;
  }

  /** Writes what has gathered. @returns whether the kernel took all of it. */
  flush(): boolean {
    this.isDirty = false;
    const sealed = this.#sealed;
    const run = this.#takeRun();
    if (sealed === null) return run === null || this.#write(NONE, run);
    this.#sealed = null;
    this.#sealedBytes = 0;
    if (run !== null) sealed.push(run);
    return this.#write(sealed, sealed.length === 1 ? sealed[0] : undefined);
  }

  /** The write that blocked it is done. */
  onWritten(): void {
    const backlog = this.#backlog;
    if (backlog === null) return;
    if (backlog.lent !== null) this.#flusher.scratch.giveBack(backlog.lent);
    backlog.lent = null;
    this.#backlogProbes(backlog);
    for (
      let chunks = backlog.take(CATCH_UP_BYTES);
      chunks.length > 0;
      chunks = backlog.take(CATCH_UP_BYTES)
    ) {
      if (this.#stream.writeAll(chunks)) continue;
      this.#owner.onHeldChanged();
      this.#checkLowWater();
      return;
    }
    this.#backlog = null;
    this.#owner.onHeldChanged();
    this.#checkLowWater();
  }

  /** Drops all that waits but what is with the kernel already: the connection is being closed because of it. */
  discard(): void {
    const dropped = this.#backlog?.clear() ?? { messages: 0, bytes: 0 };
    if (dropped.messages > 0) this.#owner.onDropped(dropped);
  }

  /** Takes no more messages. What it has is still written. */
  close(): void {
    this.#closed = true;
  }

  /** Takes no more, and forgets what it has. */
  finish(): void {
    this.#closed = true;
    this.#finished = true;
    this.#backlog = null;
    this.#sealed = null;
    this.#sealedBytes = 0;
    this.#runStart = 0;
    this.#runEnd = 0;
    this.#aboveHighWater = false;
  }

  // Flushes for it, after which the kernel may take no more: then the frame has to wait in the backlog.
  #makeRoom(bytes: number): boolean {
    return this.#flusher.makeRoom(bytes) && this.#backlog === null;
  }

  // Large enough for a write of its own, so that it needs no memory of its own.
  #writeLargeText(text: string): boolean {
    if (this.#finished) return false;
    const { scratch } = this.#flusher;
    const frame = scratch.encode(text);
    if (this.#stream.write(frame)) return true;
    this.#block().lent = scratch.lend(frame);
    return !this.#aboveHighWater;
  }

  #gathered(start: number, end: number): void {
    this.#flusher.arena.end = end;
    if (this.#runEnd === start && this.#runEnd > this.#runStart) this.#runEnd = end;
    else {
      this.#seal();
      this.#runStart = start;
      this.#runEnd = end;
    }
    this.#touch();
  }

  #touch(): void {
    if (this.#runEnd - this.#runStart + this.#sealedBytes >= this.#options.flushBytes) this.flush();
    else if (!this.isDirty) this.#flusher.add(this);
  }

  // The run ends here, because something else comes next.
  #seal(): void {
    const run = this.#takeRun();
    if (run !== null) this.#pushSealed(run);
  }

  #takeRun(): Buffer | null {
    if (this.#runEnd === this.#runStart) return null;
    const run = this.#flusher.arena.bytes.subarray(this.#runStart, this.#runEnd);
    this.#runStart = 0;
    this.#runEnd = 0;
    return run;
  }

  #pushSealed(bytes: Buffer): void {
    this.#sealed ??= [];
    this.#sealed.push(bytes);
    this.#sealedBytes += bytes.length;
  }

  #sendBytes(firstByte: number, payload: Uint8Array, key: string): boolean {
    if (this.#finished) return false;
    if (this.#backlog !== null) return this.#backlogFrame(firstByte, payload, key);
    const header = Buffer.allocUnsafe(frameHeaderBytes(payload.byteLength));
    writeFrameHeader(header, 0, firstByte, payload.byteLength);
    this.#seal();
    this.#pushSealed(header);
    this.#pushSealed(asBuffer(payload));
    this.#touch();
    return !this.#aboveHighWater;
  }

  #write(chunks: Buffer[], bytes: Buffer | undefined): boolean {
    if (bytes === undefined ? this.#stream.writeAll(chunks) : this.#stream.write(bytes)) return true;
    this.#flusher.retain();
    this.#block();
    return false;
  }

  #block(): Backlog {
    this.#backlog ??= new Backlog();
    const backlog = this.#backlog;
    this.#owner.onHeldChanged();
    this.#checkHighWater();
    return backlog;
  }

  #backlogFrame(firstByte: number, payload: Uint8Array, key: string): boolean {
    const frame = Buffer.allocUnsafeSlow(frameHeaderBytes(payload.byteLength) + payload.byteLength);
    frame.set(payload, writeFrameHeader(frame, 0, firstByte, payload.byteLength));
    const taken = this.#admit({ frames: frame, messages: 1, key });
    if (taken) this.#backlog?.append(frame, 0, frame.length);
    this.#afterBacklog();
    return taken && !this.#aboveHighWater;
  }

  #backlogShared(shared: SharedFrames): boolean {
    const taken = this.#admit(shared);
    if (taken) this.#backlog?.share(shared.frames);
    this.#afterBacklog();
    return taken;
  }

  // Before another control frame too: that may be the close frame, after which nothing may be sent.
  #backlogProbes(backlog: Backlog): void {
    if (this.#ping !== null) backlog.appendControl(this.#ping);
    if (this.#pong !== null) backlog.appendControl(this.#pong);
    this.#ping = null;
    this.#pong = null;
  }

  // Whether what is sent now may be dropped later.
  get #mayDrop(): boolean {
    const { slowConsumer } = this.#options;
    return this.#backlog !== null && slowConsumer !== "wait" && slowConsumer !== "close";
  }

  #afterBacklog(): void {
    this.#checkHighWater();
    this.#owner.onHeldChanged();
  }

  // The slow-consumer policy. Says whether the frames are to be put at the end of the backlog.
  #admit(shared: SharedFrames): boolean {
    const backlog = this.#backlog;
    if (backlog === null) return false;
    const { frames, messages } = shared;
    const { highWaterBytes, maxBufferedBytes, slowConsumer } = this.#options;
    const over =
      this.bufferedBytes + frames.length - (slowConsumer === "wait" ? maxBufferedBytes : highWaterBytes);
    if (over <= 0 && !backlog.hasLatest) return true;
    switch (slowConsumer) {
      case "dropNewest":
        this.#owner.onDropped({ messages, bytes: frames.length });
        return false;
      case "dropOldest": {
        // What wouldn't fit into an empty backlog either must not empty it.
        const fits = over <= backlog.bytes;
        const dropped = fits ? backlog.dropOldest(over) : { messages, bytes: frames.length };
        if (dropped.messages > 0) this.#owner.onDropped(dropped);
        return fits;
      }
      case "latest":
        this.#replace(backlog, shared);
        return false;
      default:
        this.#owner.onTooSlow();
        return false;
    }
  }

  #replace(backlog: Backlog, { frames, messages, key }: SharedFrames): void {
    const frame = lastFrame(frames);
    const replaced = backlog.replace(key, frame);
    const dropped = (replaced > 0 ? 1 : 0) + messages - 1;
    const bytes = replaced + frames.length - frame.length;
    if (dropped > 0) this.#owner.onDropped({ messages: dropped, bytes });
    if (this.bufferedBytes > this.#options.maxBufferedBytes) this.#owner.onTooSlow();
  }

  #checkHighWater(): void {
    if (this.bufferedBytes >= this.#options.highWaterBytes) this.#aboveHighWater = true;
  }

  #checkLowWater(): void {
    if (!this.#aboveHighWater || this.bufferedBytes > this.#options.lowWaterBytes) return;
    this.#aboveHighWater = false;
    this.#owner.onDrained();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
