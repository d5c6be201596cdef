import {
  FrameScanner,
  MAX_PROMPT_BYTES,
  type ScannerEvents,
  WHOLE_BINARY,
  WHOLE_TEXT,
} from "./frame-scanner.ts";
import { HEX_VALUES, MARKER_BYTES, MARKER_DIGITS, MARKER_EDGE, readMarkerTime } from "./marker.ts";

/** Told of each marker. */
export interface MarkerSink {
  /** @param sentMicros - the time in the marker */
  onMarker(sentMicros: number): void;
}

// So far a loop is as fast as a call of indexOf, which then searches many bytes at a time. A prompt is never longer, so that
// what isn't part of a chunk is searched in the loop alone.
const NEAR_BYTES: number = MAX_PROMPT_BYTES;

/**
 * Counts the time markers in messages: a message is one, however many of them a server joins in a frame or a frame's payload
 * in a message of its own.
 */
export class MarkerScanner extends FrameScanner {
  readonly #sink: MarkerSink;
  /** A marker that the chunk breaks off: how many of its bytes were seen, and the value of its digits. */
  #brokenBytes = 0;
  #brokenTime = 0;
  /** The chunk that is being read, and in it the edge that was searched last; see {@link #findEdge}. */
  #chunk: Buffer | undefined;
  #chunkEnd = 0;
  #nextEdge = -1;

  constructor(events: ScannerEvents, sink: MarkerSink, prompt?: Buffer) {
    super(events, prompt);
    this.#sink = sink;
  }

  override scan(bytes: Buffer, start: number, end: number): void {
    this.#chunk = undefined;
    this.#chunkEnd = end;
    this.#nextEdge = -1;
    super.scan(bytes, start, end);
  }

  protected override scanWhole(bytes: Buffer, start: number, end: number): number {
    const { promptBytes } = this;
    let at = start;
    while (at + 1 < end) {
      const firstByte = bytes[at] as number;
      const length = bytes[at + 1] as number;
      const next = at + 2 + length;
      if (firstByte !== WHOLE_TEXT && firstByte !== WHOLE_BINARY) break;
      if (length > 125 || next > end || length === promptBytes) break;
      this.#scanMarkers(bytes, at + 2, next);
      at = next;
    }
    return at;
  }

  protected override scanPart(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (this.#brokenBytes > 0 && at < end) this.#step(bytes[at++] as number);
    at = this.#scanMarkers(bytes, at, end);
    // What follows may be the start of a marker whose end is in the next chunk.
    while (at < end) this.#step(bytes[at++] as number);
  }

  protected override endFrame(isFinal: boolean): void {
    if (isFinal) this.#brokenBytes = 0;
  }

  /** @returns the offset from which on no whole marker fits */
  #scanMarkers(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (end - at >= MARKER_BYTES) {
      if (bytes[at] !== MARKER_EDGE) {
        at = this.#findEdge(bytes, at, end - MARKER_BYTES + 1);
        continue;
      }
      const sent = readMarkerTime(bytes, at);
      if (sent < 0) {
        at++;
        continue;
      }
      this.found++;
      this.#sink.onMarker(sent);
      at += MARKER_BYTES;
    }
    return at;
  }

  /** The offset of the next edge from `at` on, but at most `end`. */
  #findEdge(bytes: Buffer, at: number, end: number): number {
    const near = Math.min(end, at + NEAR_BYTES);
    for (let offset = at; offset < near; offset++) {
      if (bytes[offset] === MARKER_EDGE) return offset;
    }
    if (near === end) return end;
    // It searches the chunk, not the frame: what it finds beyond the frame is remembered, so that nothing is searched twice.
    if (this.#nextEdge < near) {
      this.#chunk ??= bytes.subarray(0, this.#chunkEnd);
      const found = this.#chunk.indexOf(MARKER_EDGE, near);
      this.#nextEdge = found === -1 ? this.#chunkEnd : found;
    }
    return Math.min(end, this.#nextEdge);
  }

  /** Reads one byte of what may be a marker in several chunks. */
  #step(byte: number): void {
    const digit = HEX_VALUES[byte] as number;
    if (this.#brokenBytes >= 1 && this.#brokenBytes <= MARKER_DIGITS && digit >= 0) {
      this.#brokenTime = this.#brokenTime * 16 + digit;
      this.#brokenBytes++;
      return;
    }
    if (this.#brokenBytes === MARKER_BYTES - 1 && byte === MARKER_EDGE) {
      this.#brokenBytes = 0;
      this.found++;
      this.#sink.onMarker(this.#brokenTime);
      return;
    }
    this.#brokenBytes = byte === MARKER_EDGE ? 1 : 0;
    this.#brokenTime = 0;
  }
}
