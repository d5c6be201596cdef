import { RingQueue } from "../internal/ring-queue.ts";
import { Opcode } from "../websocket/index.ts";

const CHUNK_BYTES = 4 * 1024;
const OPCODE_BITS = 0x0f;
const CONTROL_BIT = 0x08;

interface Segment {
  bytes: Buffer;
  start: number;
  end: number;
  /** Whether frames may still be appended to it: not to bytes that others share. */
  open: boolean;
}

/** Messages and bytes taken out of a backlog. */
export interface Dropped {
  messages: number;
  bytes: number;
}

/**
 * Frames that wait for a peer to read: in order, in whole frames, so that a message can be dropped without cutting one in two.
 * A frame tells its own length, so that no list of their borders is needed.
 */
export class Backlog {
  /** Bytes that wait. */
  bytes = 0;
  /** The memory of the write that they wait for, if it is to be given back once that is done. */
  lent: Buffer | null = null;
  readonly #segments = new RingQueue<Segment>();
  #newest: Segment | null = null;
  // Under the `latest` policy: the newest message of each key, which a newer one replaces.
  #latest: Map<string, Buffer> | null = null;

  /** Takes a copy of frames. */
  append(frames: Buffer, start: number, end: number): void {
    const length = end - start;
    const segment = this.#openSegment(length);
    frames.copy(segment.bytes, segment.end, start, end);
    segment.end += length;
    this.bytes += length;
  }

  /**
   * Takes a copy of a control frame. A close frame is the last one (RFC 6455 §5.5.1), so that nothing is replaced any more; others may go
   * before messages that still can be.
   */
  appendControl(frame: Buffer): void {
    if (((frame[0] as number) & OPCODE_BITS) === Opcode.close) this.#settleLatest();
    this.append(frame, 0, frame.length);
  }

  /** Takes frames as they are, without a copy: they must not change any more. */
  share(frames: Buffer): void {
    this.#newest = null;
    this.#segments.push({ bytes: frames, start: 0, end: frames.length, open: false });
    this.bytes += frames.length;
  }

  /** Whether messages wait that can be replaced: what is sent now has to come after them. */
  get hasLatest(): boolean {
    return this.#latest !== null;
  }

  /** Takes a frame in place of the one with the same key that still waits. @returns the bytes of that one, 0 if there was none. */
  replace(key: string, frame: Buffer): number {
    this.#latest ??= new Map();
    const replaced = this.#latest.get(key)?.length ?? 0;
    // Taken out first, so that it goes to the end: in the order in which they were sent.
    this.#latest.delete(key);
    this.#latest.set(key, frame);
    this.bytes += frame.length - replaced;
    return replaced;
  }

  /** Takes out what is to be written next: about so many bytes. */
  take(bytes: number): Buffer[] {
    const taken: Buffer[] = [];
    let total = 0;
    while (total < bytes) {
      const segment = this.#shift();
      if (segment === undefined) break;
      taken.push(segment.bytes.subarray(segment.start, segment.end));
      total += segment.end - segment.start;
    }
    if (taken.length === 0 && this.#latest !== null) total = this.#takeLatest(taken);
    this.bytes -= total;
    return taken;
  }

  /** Drops the oldest messages until so many bytes are free. Control frames stay; they go to the end, which they may (RFC 6455 §5.4). */
  dropOldest(bytes: number): Dropped {
    const dropped: Dropped = { messages: 0, bytes: 0 };
    const kept: Buffer[] = [];
    while (dropped.bytes < bytes) {
      const segment = this.#segments.peek();
      if (segment === undefined) break;
      const end = segment.start + frameBytes(segment.bytes, segment.start);
      if (isControl(segment.bytes, segment.start)) kept.push(segment.bytes.subarray(segment.start, end));
      else {
        dropped.messages++;
        dropped.bytes += end - segment.start;
      }
      this.bytes -= end - segment.start;
      segment.start = end;
      if (segment.start === segment.end) this.#shift();
    }
    for (const frame of kept) this.append(frame, 0, frame.length);
    return dropped;
  }

  /** Drops all messages. */
  clear(): Dropped {
    const dropped = this.dropOldest(Number.POSITIVE_INFINITY);
    if (this.#latest === null) return dropped;
    for (const frame of this.#latest.values()) {
      dropped.messages++;
      dropped.bytes += frame.length;
      this.bytes -= frame.length;
    }
    this.#latest = null;
    return dropped;
  }

  #shift(): Segment | undefined {
    const segment = this.#segments.shift();
    if (segment === this.#newest) this.#newest = null;
    return segment;
  }

  #settleLatest(): void {
    const latest = this.#latest?.values() ?? [];
    this.#latest = null;
    for (const frame of latest) {
      this.bytes -= frame.length;
      this.share(frame);
    }
  }

  #openSegment(bytes: number): Segment {
    const newest = this.#newest;
    if (newest?.open === true && newest.bytes.length - newest.end >= bytes) return newest;
    const segment = {
      bytes: Buffer.allocUnsafeSlow(Math.max(bytes, CHUNK_BYTES)),
      start: 0,
      end: 0,
      open: true,
    };
    this.#newest = segment;
    this.#segments.push(segment);
    return segment;
  }

  #takeLatest(taken: Buffer[]): number {
    let total = 0;
    for (const frame of this.#latest?.values() ?? []) {
      taken.push(frame);
      total += frame.length;
    }
    this.#latest = null;
    return total;
  }
}

function isControl(bytes: Buffer, at: number): boolean {
  return ((bytes[at] as number) & CONTROL_BIT) !== 0;
}

/** How many bytes the unmasked frame at this place takes (RFC 6455 §5.2). */
export function frameBytes(bytes: Buffer, at: number): number {
  const short = bytes[at + 1] as number;
  if (short < 126) return 2 + short;
  if (short === 126) return 4 + bytes.readUInt16BE(at + 2);
  return 10 + bytes.readUInt32BE(at + 2) * 0x1_0000_0000 + bytes.readUInt32BE(at + 6);
}

/** A copy of the last of several whole frames. */
export function lastFrame(bytes: Buffer): Buffer {
  let at = 0;
  for (let next = frameBytes(bytes, 0); next < bytes.length; next += frameBytes(bytes, next)) at = next;
  return Buffer.from(bytes.subarray(at));
}

/** How many frames a range of whole frames holds. */
export function countFrames(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += frameBytes(bytes, at)) count++;
  return count;
}
