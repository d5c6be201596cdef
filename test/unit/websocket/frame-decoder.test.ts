import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DecoderLimits, FrameDecoder, type FrameSink } from "../../../src/websocket/frame-decoder.ts";
import { Opcode } from "../../../src/websocket/opcode.ts";
import {
  binary,
  close,
  continuation,
  type DecoderEvent,
  DecoderHarness,
  decode,
  fragments,
  frame,
  ping,
  pong,
  text,
} from "../../support/decoder-harness.ts";

/** What comes of frames, in one piece and byte by byte. */
function events(frames: readonly Buffer[], limits: Partial<DecoderLimits> = {}): DecoderEvent[] {
  const bytes = Buffer.concat(frames);
  const whole = decode(bytes, bytes.length, limits);
  assert.deepEqual(decode(bytes, 1, limits), whole);
  return whole;
}

/** A frame of which only the header has come. */
function header(parts: { first: number; length: bigint; extended?: 0 | 16 | 64 }): Buffer {
  const { first, length, extended = 64 } = parts;
  const mask = Buffer.alloc(4);
  if (extended === 0) return Buffer.concat([Buffer.from([first, 0x80 | Number(length)]), mask]);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(length);
  const code = extended === 16 ? 126 : 127;
  return Buffer.concat([Buffer.from([first, 0x80 | code]), bytes.subarray(extended === 16 ? 6 : 0), mask]);
}

describe("FrameDecoder", () => {
  it("gives whole messages", () => {
    assert.deepEqual(events([text("ascii"), text("ä🌊"), text(""), binary(Buffer.from([0, 255]))]), [
      ["message", "ascii"],
      ["message", "ä🌊"],
      ["message", ""],
      ["message", Buffer.from([0, 255])],
    ]);
  });

  it("joins fragments, with control frames between them", () => {
    const [first, second, third] = fragments(Opcode.text, ["one ", "", "two"]) as [Buffer, Buffer, Buffer];
    assert.deepEqual(events([first, ping("p"), second, pong("q"), third]), [
      ["ping", Buffer.from("p")],
      ["pong", Buffer.from("q")],
      ["message", "one two"],
    ]);
  });

  it("gives what is compressed as it is", () => {
    const frames = [text("abc", { rsv: 4 }), ...fragments(Opcode.binary, ["de", "f"], 4)];
    assert.deepEqual(events(frames, { compression: true }), [
      ["compressed", Buffer.from("abc"), true],
      ["compressed", Buffer.from("def"), false],
    ]);
  });

  it("gives close frames, and nothing after them", () => {
    assert.deepEqual(events([close(), text("x")]), [["close", 1005, ""]]);
    assert.deepEqual(events([close(1000, "bye ä"), close(1001)]), [["close", 1000, "bye ä"]]);
  });

  it("fails a frame that breaks a rule, and takes nothing more", () => {
    for (const [frames, code] of [
      [[text("x", { masked: false })], 1002],
      [[text("x", { rsv: 4 })], 1002],
      [[text("x", { rsv: 2 })], 1002],
      [[frame({ opcode: 3 })], 1002],
      [[frame({ opcode: 11 })], 1002],
      [[continuation("x")], 1002],
      [[text("x", { fin: false }), text("y")], 1002],
      [[text("x", { fin: false }), continuation("y", { rsv: 4 })], 1002],
      [[frame({ opcode: Opcode.ping, fin: false })], 1002],
      [[frame({ opcode: Opcode.ping, payload: "x".repeat(126) })], 1002],
      [[frame({ opcode: Opcode.close, payload: "x" })], 1002],
      [[close(1005)], 1002],
      [[close(1000, Buffer.from([0xff]))], 1007],
      [[text(Buffer.from([0xc3, 0x28]))], 1007],
      [[text(Buffer.from([0xc3]))], 1007],
      [fragments(Opcode.text, [Buffer.from([0xc3]), "x"]), 1007],
    ] as const) {
      assert.deepEqual(events([...frames, text("after"), ping()]), [["violation", code]]);
    }
  });

  it("fails masked frames where a server sends them", () => {
    const limits = { role: "client" } as const;
    assert.deepEqual(events([text("ok", { masked: false }), text("x")], limits), [
      ["message", "ok"],
      ["violation", 1002],
    ]);
  });

  it("takes RSV1 on the first frame of a message only, where compression was agreed on", () => {
    const limits = { compression: true };
    for (const frames of [
      [frame({ opcode: Opcode.ping, rsv: 4 })],
      [text("a", { fin: false }), continuation("b", { rsv: 4 })],
      [text("a", { rsv: 6 })],
    ]) {
      assert.deepEqual(events(frames, limits), [["violation", 1002]]);
    }
  });

  it("judges a length by the header alone", () => {
    for (const [bytes, code] of [
      [header({ first: 0x82, length: 125n, extended: 16 }), 1002],
      [header({ first: 0x82, length: 65_535n }), 1002],
      [header({ first: 0x82, length: 2n ** 63n }), 1002],
      [header({ first: 0x82, length: 2n ** 63n - 1n }), 1009],
      [header({ first: 0x82, length: 1_001n, extended: 16 }), 1009],
      [header({ first: 0x83, length: 2n ** 40n }), 1002],
    ] as const) {
      assert.deepEqual(events([bytes], { maxMessageBytes: 1_000 }), [["violation", code]]);
    }
    assert.deepEqual(
      events([header({ first: 0x82, length: 1_000n, extended: 16 })], { maxMessageBytes: 1_000 }),
      [],
    );
  });

  it("limits a message over all its fragments, and their number", () => {
    const limits = { maxMessageBytes: 10, maxFragments: 3 };
    assert.deepEqual(events(fragments(Opcode.binary, ["12345", "67890"]), limits), [
      ["message", Buffer.from("1234567890")],
    ]);
    assert.deepEqual(events(fragments(Opcode.binary, ["12345", "678901"]), limits), [["violation", 1009]]);
    assert.deepEqual(events(fragments(Opcode.text, ["1", "2", "3"]), limits), [["message", "123"]]);
    assert.deepEqual(events(fragments(Opcode.text, ["", "", "", ""]), limits), [["violation", 1008]]);
  });

  it("fails a text at its first byte that is wrong, not at its end", () => {
    const harness = new DecoderHarness();
    const bytes = text(
      Buffer.concat([Buffer.from("x".repeat(100)), Buffer.from([0xff]), Buffer.alloc(10_000)]),
    );
    harness.push(bytes.subarray(0, 200));
    assert.deepEqual(harness.events, [["violation", 1007]]);
  });

  it("knows what it holds", () => {
    const harness = new DecoderHarness();
    const { decoder } = harness;
    assert.deepEqual([decoder.bufferedBytes, decoder.isMidMessage], [0, false]);
    const bytes = binary(Buffer.alloc(10_000));
    harness.push(bytes.subarray(0, 1));
    assert.deepEqual([decoder.bufferedBytes > 0, decoder.isMidMessage], [true, true]);
    harness.push(bytes.subarray(1, 5_000));
    assert.ok(decoder.bufferedBytes >= 4_900 && decoder.bufferedBytes <= 10_000);
    assert.equal(decoder.isMidMessage, true);
    harness.push(bytes.subarray(5_000));
    assert.deepEqual([decoder.bufferedBytes, decoder.isMidMessage], [0, false]);
    harness.push(ping("x".repeat(100)).subarray(0, 50));
    assert.deepEqual([decoder.bufferedBytes > 0, decoder.isMidMessage], [true, true]);
    harness.push(Buffer.concat([Buffer.alloc(56), text("x", { fin: false })]));
    assert.equal(decoder.isMidMessage, true, "between fragments too");
    decoder.discard();
    assert.deepEqual([decoder.bufferedBytes, decoder.isMidMessage], [0, false]);
  });

  it("allocates nothing for a header that is refused", () => {
    const harness = new DecoderHarness();
    harness.push(header({ first: 0x82, length: 2n ** 40n }));
    assert.equal(harness.decoder.bufferedBytes, 0);
  });

  it("stops after a frame when it is told to, and goes on from there", () => {
    const seen: unknown[] = [];
    const sink: FrameSink = {
      onMessage: (message) => {
        seen.push(message);
        decoder.halt();
      },
      onCompressed() {},
      onPing: () => void seen.push("ping"),
      onPong() {},
      onClose() {},
      onViolation() {},
    };
    const decoder = new FrameDecoder(sink, {
      role: "server",
      maxMessageBytes: 100,
      maxFragments: 10,
      compression: false,
    });
    const bytes = Buffer.concat([ping(), text("a"), ping(), text("b"), text("c")]);
    let at = 0;
    const stops: number[] = [];
    while (at < bytes.length) {
      at = decoder.push(bytes, at, bytes.length);
      stops.push(at);
    }
    assert.deepEqual(seen, ["ping", "a", "ping", "b", "c"]);
    assert.deepEqual(stops, [13, 26, 33]);
  });

  it("swallows everything once it is told to", () => {
    const harness = new DecoderHarness();
    harness.push(text("a"));
    harness.decoder.discard();
    harness.push(Buffer.concat([text("b"), text("c", { masked: false }), close(1000)]));
    assert.deepEqual(harness.events, [["message", "a"]]);
  });

  it("gives bytes of their own, which the next read doesn't touch", () => {
    const harness = new DecoderHarness();
    harness.push(binary(Buffer.from("first")));
    harness.push(binary(Buffer.from("again")));
    assert.deepEqual(harness.events, [
      ["message", Buffer.from("first")],
      ["message", Buffer.from("again")],
    ]);
  });
});
