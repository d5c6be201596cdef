import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  encodeFrame,
  MAX_HEADER_BYTES,
  maxTextFrameBytes,
  Opcode,
  writeBinaryFrame,
  writeTextFrame,
} from "../../src/websocket/index.ts";
import type { DecoderEvent } from "../support/decoder-harness.ts";
import { clientFrame, fakeEngine, openConnection, turn } from "../support/fake-connection.ts";
import { cut, decodePieces, places } from "../support/pieces.ts";

const texts = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "grapheme", maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 100, max: 140_000 }).map((length) => "ä~語🌊".repeat(length / 4)),
  },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 140_000 }).map((length) => "x".repeat(length)) },
);
const binaries = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 140_000 }).map((length) => Buffer.alloc(length, 7)) },
);
const messages = fc.oneof(texts, binaries);
const masks = fc.uint8Array({ minLength: 4, maxLength: 4 });

/** What a decoder tells of a message. */
function told(message: string | Buffer): DecoderEvent {
  return ["message", message];
}

function opcodeOf(message: string | Buffer): Opcode {
  return typeof message === "string" ? Opcode.text : Opcode.binary;
}

describe("what is encoded", () => {
  it("by a client is decoded by a server", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(messages, masks), { maxLength: 6 }), places, (sent, where) => {
        const frames = sent.map(([message, mask]) => encodeFrame(opcodeOf(message), message, mask));
        assert.deepEqual(
          decodePieces(cut(Buffer.concat(frames), where)),
          sent.map(([message]) => told(message)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("by a server is decoded by a client", () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 6 }), places, (sent, where) => {
        const frames = sent.map((message) => {
          const isText = typeof message === "string";
          const most = isText ? maxTextFrameBytes(message) : message.length + MAX_HEADER_BYTES;
          const room = Buffer.alloc(most + 3);
          const end = isText ? writeTextFrame(room, 3, message) : writeBinaryFrame(room, 3, message);
          return room.subarray(3, end);
        });
        assert.deepEqual(decodePieces(cut(Buffer.concat(frames), where), { role: "client" }), sent.map(told));
      }),
      { numRuns: 200 },
    );
  });

  it("comes back from a connection that echoes, through whatever pieces it came in", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(messages, { maxLength: 6 }), places, async (sent, where) => {
        const { engine } = fakeEngine();
        const { stream } = openConnection(engine, {
          handler: { message: (socket, message) => socket.send(message) },
        });
        engine.flusher.flush();
        const before = stream.taken.length;
        const bytes = Buffer.concat(sent.map((message) => clientFrame(opcodeOf(message), message)));
        for (const piece of cut(bytes, where)) stream.receive(piece);
        await turn();
        assert.deepEqual(decodePieces([stream.taken.subarray(before)], { role: "client" }), sent.map(told));
        engine.stop();
      }),
      { numRuns: 100 },
    );
  });
});
