import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compressionDefaults } from "../../../src/transport/connection-options.ts";
import { MessageCompression } from "../../../src/transport/message-compression.ts";
import type { DeflateParams, InflateResult } from "../../../src/websocket/index.ts";
import { StreamingPeer } from "../../support/deflate-peer.ts";

function params(noContextTakeover: boolean): DeflateParams {
  return {
    serverNoContextTakeover: noContextTakeover,
    clientNoContextTakeover: noContextTakeover,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
  };
}

function compression(maxMessageBytes = 8_000_000, noContextTakeover = true): MessageCompression {
  return new MessageCompression(params(noContextTakeover), compressionDefaults, maxMessageBytes);
}

describe("MessageCompression", () => {
  it("compresses what is large enough to be worth it, and not so large that it would hold the loop", () => {
    const made = compression();
    const { thresholdBytes } = compressionDefaults;
    assert.equal(made.compresses(thresholdBytes - 1, false), false);
    assert.equal(made.compresses(thresholdBytes, false), true);
    assert.equal(made.compresses(256 * 1024, false), true);
    assert.equal(made.compresses(256 * 1024 + 1, false), false);
  });

  it("doesn't compress what may be dropped, if what comes after would refer back to it", () => {
    assert.equal(compression(1_000, true).compresses(10_000, true), true);
    assert.equal(compression(1_000, false).compresses(10_000, true), false);
    assert.equal(compression(1_000, false).compresses(10_000, false), true);
  });

  for (const noContextTakeover of [true, false]) {
    it(`is understood by a peer and understands it, context takeover ${noContextTakeover ? "off" : "on"}`, async () => {
      const made = compression(8_000_000, noContextTakeover);
      const peer = new StreamingPeer(params(noContextTakeover));
      try {
        for (const message of ["hello ".repeat(300), "hello again ".repeat(300)]) {
          const sent = made.deflate(Buffer.from(message));
          assert.ok(sent.length < message.length / 4);
          assert.equal((await peer.inflate(sent)).toString(), message);
          const received = await peer.deflate(Buffer.from(message));
          const result = await new Promise<InflateResult>((resolve) => made.inflate(received, resolve));
          assert.ok(result.kind === "ok" && result.bytes.toString() === message);
        }
      } finally {
        peer.close();
      }
    });
  }

  it("inflates at once what can't become large, and the rest in zlib's threads", async () => {
    const peer = new StreamingPeer(params(true));
    try {
      const [small, large] = [Buffer.from("x".repeat(2_000)), Buffer.alloc(3_000_000, "random-ish")];
      for (const [message, isAtOnce] of [
        [small, true],
        [large, false],
      ] as const) {
        const payload = await peer.deflate(message);
        let isDone = false;
        const result = new Promise<InflateResult>((resolve) => {
          new MessageCompression(
            params(true),
            { ...compressionDefaults, maxRatio: 1_000 },
            8_000_000,
          ).inflate(payload, (inflated) => {
            isDone = true;
            resolve(inflated);
          });
        });
        assert.equal(isDone, isAtOnce);
        const inflated = await result;
        assert.ok(inflated.kind === "ok" && inflated.bytes.equals(message));
      }
    } finally {
      peer.close();
    }
  });

  it("refuses what inflates to more than a message may have, or to many times its size", async () => {
    const peer = new StreamingPeer(params(true));
    try {
      const payload = await peer.deflate(Buffer.alloc(500_000));
      for (const made of [compression(400_000), compression(8_000_000)]) {
        const result = await new Promise<InflateResult>((resolve) => made.inflate(payload, resolve));
        assert.equal(result.kind, "too-big");
      }
    } finally {
      peer.close();
    }
  });
});
