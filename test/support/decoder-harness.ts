import assert from "node:assert/strict";
import { type DecoderLimits, FrameDecoder, type FrameSink } from "../../src/websocket/frame-decoder.ts";
import { encodeFrame } from "../../src/websocket/frame-encoder.ts";
import { Opcode } from "../../src/websocket/opcode.ts";

/** What a decoder told of. The reason of a violation is for people, and left out. */
export type DecoderEvent =
  | readonly ["message", string | Buffer]
  | readonly ["compressed", Buffer, isText: boolean]
  | readonly ["ping" | "pong", Buffer]
  | readonly ["close", code: number, reason: string]
  | readonly ["violation", code: number];

/** A frame as a client sends it, for which nothing is too wrong. */
export interface FrameParts {
  /** @default true */
  readonly fin?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. @default 0 */
  readonly rsv?: number;
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  /** @default true */
  readonly masked?: boolean;
}

const defaultLimits: DecoderLimits = {
  role: "server",
  maxMessageBytes: 64 * 1024 * 1024,
  maxFragments: 1_000_000,
  compression: false,
};

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** What stands around the bytes of a chunk, and in their place once they have been read. */
const UNTOUCHED = 0xee;
const MARGIN_BYTES = 4;

/** How the bytes of a case are cut: as a whole, one by one, and in sizes that meet every border somewhere. */
const CHUNK_SIZES: readonly number[] = [Number.POSITIVE_INFINITY, 1, 2, 3, 7, 13, 997];

/** The bytes of a frame; written here from RFC 6455 §5.2, so that the encoder isn't held against itself. */
export function frame(parts: FrameParts): Buffer {
  const { fin = true, rsv = 0, opcode, payload = "", masked = true } = parts;
  const body = Buffer.from(payload as string);
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const maskBit = masked ? 0x80 : 0;
  const header = [first, ...lengthBytes(body.length)];
  header[1] = (header[1] ?? 0) | maskBit;
  if (!masked) return Buffer.concat([Buffer.from(header), body]);
  const clear = Buffer.from(body);
  for (let at = 0; at < clear.length; at++) clear[at] = (clear[at] ?? 0) ^ (MASK[at & 3] ?? 0);
  return Buffer.concat([Buffer.from(header), MASK, clear]);
}

/** The second byte of a header, and the extended length after it. */
function lengthBytes(length: number): number[] {
  if (length < 126) return [length];
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return length < 65_536 ? [126, ...bytes.subarray(6)] : [127, ...bytes];
}

export function text(payload: string | Uint8Array, parts: Partial<FrameParts> = {}): Buffer {
  return frame({ opcode: Opcode.text, payload, ...parts });
}

export function binary(payload: Uint8Array, parts: Partial<FrameParts> = {}): Buffer {
  return frame({ opcode: Opcode.binary, payload, ...parts });
}

export function continuation(payload: string | Uint8Array, parts: Partial<FrameParts> = {}): Buffer {
  return frame({ opcode: Opcode.continuation, payload, ...parts });
}

export function ping(payload: string | Uint8Array = ""): Buffer {
  return frame({ opcode: Opcode.ping, payload });
}

export function pong(payload: string | Uint8Array = ""): Buffer {
  return frame({ opcode: Opcode.pong, payload });
}

/** A close frame: without a body, or with a code and a reason. */
export function close(code?: number, reason: string | Uint8Array = ""): Buffer {
  if (code === undefined) return frame({ opcode: Opcode.close });
  const body = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason as string)]);
  return frame({ opcode: Opcode.close, payload: body });
}

/** A message in fragments: one for each part. */
export function fragments(opcode: number, parts: readonly (string | Uint8Array)[], rsv = 0): Buffer[] {
  return parts.map((payload, index) =>
    frame({
      fin: index === parts.length - 1,
      rsv: index === 0 ? rsv : 0,
      opcode: index === 0 ? opcode : Opcode.continuation,
      payload,
    }),
  );
}

/** A decoder that notes what it tells of, and whose bytes come through one receive buffer that is used again and again. */
export class DecoderHarness {
  readonly events: DecoderEvent[] = [];
  readonly decoder: FrameDecoder;

  constructor(limits: Partial<DecoderLimits> = {}) {
    this.decoder = new FrameDecoder(this.#sink(), { ...defaultLimits, ...limits });
  }

  /** Takes bytes, at most so many at a time. What it holds on to of them is overwritten afterwards. */
  push(bytes: Buffer, chunkSize: number = Number.POSITIVE_INFINITY): void {
    const size = Math.min(chunkSize, bytes.length);
    const received = Buffer.alloc(size + 2 * MARGIN_BYTES);
    for (let at = 0; at < bytes.length; at += size) {
      received.fill(UNTOUCHED);
      const end = MARGIN_BYTES + bytes.copy(received, MARGIN_BYTES, at, at + size);
      assert.equal(this.decoder.push(received, MARGIN_BYTES, end), end);
      for (let margin = 0; margin < MARGIN_BYTES; margin++) {
        assert.ok(received[margin] === UNTOUCHED && received[end + margin] === UNTOUCHED);
      }
    }
    received.fill(UNTOUCHED);
  }

  #sink(): FrameSink {
    const { events } = this;
    return {
      onMessage: (message) => void events.push(["message", message]),
      onCompressed: (payload, isText) => void events.push(["compressed", payload, isText]),
      onPing: (payload) => void events.push(["ping", Buffer.from(payload)]),
      onPong: (payload) => void events.push(["pong", Buffer.from(payload)]),
      onClose: (code, reason) => void events.push(["close", code, reason]),
      onViolation: (code) => void events.push(["violation", code]),
    };
  }
}

/** What a decoder makes of these bytes when they come in chunks of this size. */
export function decode(
  bytes: Buffer,
  chunkSize: number,
  limits: Partial<DecoderLimits> = {},
): DecoderEvent[] {
  const harness = new DecoderHarness(limits);
  harness.push(bytes, chunkSize);
  return harness.events;
}

/** Checks that frames give exactly these events, however they are cut, and that every message survives being echoed. */
export function assertEvents(
  frames: readonly Buffer[],
  expected: readonly DecoderEvent[],
  options: { readonly limits?: Partial<DecoderLimits>; readonly chunkSizes?: readonly number[] } = {},
): void {
  const bytes = Buffer.concat(frames);
  for (const chunkSize of options.chunkSizes ?? CHUNK_SIZES) {
    assertSame(decode(bytes, chunkSize, options.limits), expected, `in chunks of ${chunkSize}`);
  }
  const echoes = echo(expected);
  const inReturn = expected.filter(([kind]) => kind === "message" || kind === "ping");
  const received = decode(Buffer.concat(echoes), Number.POSITIVE_INFINITY, { role: "client" });
  assertSame(received, inReturn.map(asEchoed), "as echoed");
}

// Large messages are compared without a difference being worked out, which could take minutes.
function assertSame(actual: readonly DecoderEvent[], expected: readonly DecoderEvent[], how: string): void {
  const brief = (events: readonly DecoderEvent[]): unknown =>
    events.map((event) => event.map((part) => shorten(part)));
  assert.deepEqual(brief(actual), brief(expected), how);
  actual.forEach((event, index) => {
    const other = expected[index]?.[1];
    const [, part] = event;
    const same = Buffer.isBuffer(part) && Buffer.isBuffer(other) ? part.equals(other) : part === other;
    assert.ok(same, `event ${index} differs ${how}`);
  });
}

function shorten(part: unknown): unknown {
  if (Buffer.isBuffer(part)) return `${part.length} bytes ${part.toString("hex", 0, 64)}`;
  return typeof part === "string" ? `${part.length} characters ${part.slice(0, 64)}` : part;
}

/** What an echo server sends: messages as they came, pongs for pings (RFC 6455 §5.5.3). */
function echo(events: readonly DecoderEvent[]): Buffer[] {
  return events.flatMap(([kind, part]) => {
    if (kind === "ping") return [encodeFrame(Opcode.pong, part as Buffer)];
    if (kind !== "message") return [];
    return [encodeFrame(typeof part === "string" ? Opcode.text : Opcode.binary, part)];
  });
}

function asEchoed(event: DecoderEvent): DecoderEvent {
  return event[0] === "ping" ? ["pong", event[1]] : event;
}
