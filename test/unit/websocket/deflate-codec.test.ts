import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import * as ws from "ws";
import { Deflater, Inflater } from "../../../src/websocket/deflate-codec.ts";
import type { DeflateParams } from "../../../src/websocket/permessage-deflate.ts";
import { StreamingPeer } from "../../support/deflate-peer.ts";

interface Codec {
  readonly inflater: Inflater;
  readonly deflater: Deflater;
}

function codec(windowBits: number, contextTakeover: boolean): Codec {
  return {
    inflater: new Inflater({ windowBits, contextTakeover, maxOutputBytes: 1 << 24, maxRatio: 2000 }),
    deflater: new Deflater({ windowBits: Math.max(windowBits, 9), contextTakeover, level: 6, memLevel: 8 }),
  };
}

function sameBothWays(windowBits: number, takeover: boolean): DeflateParams {
  return {
    serverNoContextTakeover: !takeover,
    clientNoContextTakeover: !takeover,
    serverMaxWindowBits: windowBits,
    clientMaxWindowBits: windowBits,
  };
}

async function inflate({ inflater }: Codec, payload: Buffer, inThreads: boolean): Promise<Buffer> {
  const result = inThreads
    ? await new Promise<ReturnType<Inflater["inflate"]>>((resolve) => inflater.inflateAsync(payload, resolve))
    : inflater.inflate(payload);
  assert.ok(result.kind === "ok", result.kind);
  return result.bytes;
}

async function deflate({ deflater }: Codec, message: Buffer, inThreads: boolean): Promise<Buffer> {
  return inThreads
    ? new Promise((resolve) => deflater.deflateAsync(message, resolve))
    : deflater.deflate(message);
}

// Messages that refer far back: repetitions of a few parts, of which some are longer than the smaller windows.
const parts = Array.from({ length: 8 }, (_, part) =>
  Buffer.from(
    Array.from(
      { length: 2 ** (part + 4) },
      (_, index) => (index * (2 * part + 1) * 7919 + (index >> 3)) & 0xff,
    ),
  ),
);
const message: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .array(fc.nat(7), { maxLength: 30 })
    .map((chosen) => Buffer.concat(chosen.map((part) => parts[part] ?? Buffer.alloc(0)))),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ maxLength: 300 }).map((text) => Buffer.from(text)),
);
const conversation = fc.array(fc.tuple(message, fc.boolean()), { minLength: 1, maxLength: 25 });

describe("the deflate codec", () => {
  it("gets every conversation through to itself", async () => {
    await fc.assert(
      fc.asyncProperty(
        conversation,
        fc.integer({ min: 9, max: 15 }),
        fc.boolean(),
        async (messages, bits, takeover) => {
          const one = codec(bits, takeover);
          for (const [sent, inThreads] of messages) {
            const payload = await deflate(one, sent, inThreads);
            assert.deepEqual(await inflate(one, payload, !inThreads), sent);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("understands, and is understood by, a peer that keeps zlib's streams", async () => {
    await fc.assert(
      fc.asyncProperty(
        conversation,
        fc.integer({ min: 9, max: 15 }),
        fc.boolean(),
        async (messages, bits, takeover) => {
          const own = codec(bits, takeover);
          const peer = new StreamingPeer(sameBothWays(bits, takeover));
          try {
            for (const [sent, inThreads] of messages) {
              assert.deepEqual(await peer.inflate(await deflate(own, sent, inThreads)), sent);
              assert.deepEqual(await inflate(own, await peer.deflate(sent), inThreads), sent);
            }
          } finally {
            peer.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  for (const takeover of [true, false]) {
    it(`understands, and is understood by, the ws package ${takeover ? "with" : "without"} context takeover`, async () => {
      await fc.assert(
        fc.asyncProperty(conversation, fc.integer({ min: 9, max: 15 }), async (messages, bits) => {
          const own = codec(bits, takeover);
          const peer = new WsPeer(bits, takeover);
          try {
            for (const [sent, inThreads] of messages) {
              // ws itself never compresses an empty message.
              if (sent.length > 0)
                assert.deepEqual(await inflate(own, await peer.compress(sent), inThreads), sent);
              assert.deepEqual(await peer.decompress(await deflate(own, sent, inThreads)), sent);
            }
          } finally {
            peer.cleanup();
          }
        }),
        { numRuns: 40 },
      );
    });
  }

  it("refers back as far as the window reaches, and no further", async () => {
    for (const bits of [9, 10, 15]) {
      const own = codec(bits, true);
      const peer = new StreamingPeer(sameBothWays(bits, true));
      // 200 bytes that come again when nearly a whole window lies between: only a full and exact window knows them.
      const rare = Buffer.from(
        Array.from({ length: 200 }, (_, index) => (index * index * 31 + index * 7) & 0xff),
      );
      const between = Buffer.alloc(2 ** bits - 200 - 262 - 10, "x");
      for (const sent of [rare, between, rare, between, rare]) {
        assert.deepEqual(await inflate(own, await peer.deflate(sent), false), sent);
        assert.deepEqual(await peer.inflate(await deflate(own, sent, false)), sent);
      }
      peer.close();
    }
  });

  it("gets a large message through in both ways", async () => {
    const large = Buffer.concat(
      Array.from({ length: 3000 }, (_, index) => parts[index % 8] ?? Buffer.alloc(0)),
    );
    const one = codec(15, true);
    for (const inThreads of [true, false, true]) {
      assert.deepEqual(await inflate(one, await deflate(one, large, inThreads), inThreads), large);
    }
  });
});

type WsResult = (error: Error | null, result: Buffer) => void;

/** What ws exports without a type. */
interface WsPerMessageDeflate {
  accept(offers: Record<string, unknown>[]): unknown;
  compress(data: Buffer, fin: boolean, callback: WsResult): void;
  decompress(data: Buffer, fin: boolean, callback: WsResult): void;
  cleanup(): void;
}

/** The ws package's side of a connection on which both directions have the same parameters. */
class WsPeer {
  readonly #extension: WsPerMessageDeflate;

  constructor(windowBits: number, takeover: boolean) {
    const { PerMessageDeflate } = ws as unknown as {
      PerMessageDeflate: new (options: object) => WsPerMessageDeflate;
    };
    this.#extension = new PerMessageDeflate({ isServer: false, threshold: 0, maxPayload: 1 << 24 });
    const bits = {
      server_max_window_bits: [String(windowBits)],
      client_max_window_bits: [String(windowBits)],
    };
    const none = { server_no_context_takeover: [true], client_no_context_takeover: [true] };
    this.#extension.accept([takeover ? bits : { ...bits, ...none }]);
  }

  compress(message: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#extension.compress(message, true, (error, result) =>
        error ? reject(error) : resolve(Buffer.from(result)),
      );
    });
  }

  decompress(payload: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#extension.decompress(payload, true, (error, result) =>
        error ? reject(error) : resolve(Buffer.from(result)),
      );
    });
  }

  cleanup(): void {
    this.#extension.cleanup();
  }
}
