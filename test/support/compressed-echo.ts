import assert from "node:assert/strict";
import { Deflater, Inflater } from "../../src/websocket/deflate-codec.ts";
import { Opcode } from "../../src/websocket/opcode.ts";
import type { DeflateParams } from "../../src/websocket/permessage-deflate.ts";
import { type CompressionData, slice } from "./compression-data.ts";
import { DecoderHarness, fragments } from "./decoder-harness.ts";
import { StreamingPeer } from "./deflate-peer.ts";

/** Size of a message, and of the frames that its sender cuts it into (0: one frame). */
export type MessageSize = readonly [bytes: number, fragmentBytes: number];

const K = 1024;

/** The sizes of the Autobahn TestSuite's sections 12 and 13, in their order. */
export const messageSizes: readonly MessageSize[] = [
  ...[16, 64, 256, K, 4 * K, 8 * K, 16 * K, 32 * K, 64 * K, 128 * K].map((bytes) => [bytes, 0] as const),
  ...[8 * K, 16 * K, 32 * K, 64 * K, 128 * K].map((bytes) => [bytes, 256] as const),
  ...[K, 4 * K, 32 * K].map((fragment) => [128 * K, fragment] as const),
];

/** The suite sends a thousand; after a few, the windows have been filled and passed over several times. */
function messageCount(bytes: number): number {
  return bytes <= 4 * K ? 40 : 6;
}

const CHUNK_SIZES = [Number.POSITIVE_INFINITY, 997, 65_536];

/**
 * Sends messages from a client that compresses, cut into frames and those into chunks, through decoder and inflater, and
 * back through the deflater; all must come as they were sent.
 */
export async function assertCompressedEcho(
  params: DeflateParams,
  data: CompressionData,
  [bytes, fragmentBytes]: MessageSize,
): Promise<void> {
  const peer = new StreamingPeer(params);
  const server = new EchoServer(params);
  try {
    for (let message = 0; message < messageCount(bytes); message++) {
      const sent = slice(data, message * bytes, bytes);
      const chunkSize = CHUNK_SIZES[message % CHUNK_SIZES.length] ?? 1;
      const frames = cut(await peer.deflate(sent), fragmentBytes, data.isText);
      const echoed = server.receive(Buffer.concat(frames), chunkSize, data.isText);
      assert.ok(sent.equals(await peer.inflate(echoed)), `message ${message} comes back as it was`);
    }
  } finally {
    peer.close();
  }
}

function cut(payload: Buffer, fragmentBytes: number, isText: boolean): Buffer[] {
  const size = fragmentBytes === 0 ? payload.length : fragmentBytes;
  const parts = Array.from({ length: Math.ceil(payload.length / size) }, (_, index) =>
    payload.subarray(index * size, (index + 1) * size),
  );
  return fragments(isText ? Opcode.text : Opcode.binary, parts, 4);
}

class EchoServer {
  readonly #harness = new DecoderHarness({ compression: true });
  readonly #inflater: Inflater;
  readonly #deflater: Deflater;

  constructor(params: DeflateParams) {
    this.#inflater = new Inflater({
      windowBits: params.clientMaxWindowBits,
      contextTakeover: !params.clientNoContextTakeover,
      maxOutputBytes: 1 << 20,
      maxRatio: 2000,
    });
    this.#deflater = new Deflater({
      windowBits: params.serverMaxWindowBits,
      contextTakeover: !params.serverNoContextTakeover,
      level: 6,
      memLevel: 8,
    });
  }

  /** @returns the compressed payload of the answer */
  receive(bytes: Buffer, chunkSize: number, isText: boolean): Buffer {
    this.#harness.push(bytes, chunkSize);
    const [event, ...more] = this.#harness.events.splice(0);
    assert.equal(more.length, 0);
    assert.ok(event?.[0] === "compressed" && event[2] === isText);
    const result = this.#inflater.inflate(event[1]);
    assert.ok(result.kind === "ok", result.kind);
    return this.#deflater.deflate(result.bytes);
  }
}
