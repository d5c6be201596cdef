import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MessageBuffer } from "../../../src/websocket/message-buffer.ts";

/** Puts parts in, each of them a frame of its own. @returns whether all of them were taken */
function fill(message: MessageBuffer, ...parts: (string | Buffer)[]): boolean {
  return parts.every((part) => {
    const bytes = Buffer.concat([Buffer.from("<"), Buffer.from(part as string), Buffer.from(">")]);
    const nonAscii = bytes.some((octet) => octet > 0x7f) ? 1 : 0;
    const taken = message.append(bytes, 1, bytes.length - 1, { nonAscii, remaining: bytes.length - 2 });
    bytes.fill(0);
    return taken;
  });
}

describe("MessageBuffer", () => {
  it("joins the parts of a binary message", () => {
    const message = new MessageBuffer(false, false);
    assert.equal(fill(message, Buffer.from([1, 2]), Buffer.alloc(0), Buffer.from([255])), true);
    assert.equal(message.length, 3);
    assert.deepEqual(message.bytes(), Buffer.from([1, 2, 255]));
  });

  it("joins the parts of a text, also where one ends within a character", () => {
    const message = new MessageBuffer(true, false);
    const bytes = Buffer.from("aä🌊");
    assert.equal(
      fill(message, "ascii ", ...Array.from(bytes.keys(), (at) => bytes.subarray(at, at + 1))),
      true,
    );
    assert.equal(message.text(), "ascii aä🌊");
  });

  it("knows an empty message", () => {
    const text = new MessageBuffer(true, false);
    fill(text, "");
    assert.equal(text.text(), "");
    const binary = new MessageBuffer(false, false);
    assert.deepEqual(binary.bytes(), Buffer.alloc(0));
  });

  it("says at once when a text can't be UTF-8 any more", () => {
    const message = new MessageBuffer(true, false);
    assert.equal(fill(message, Buffer.from([0xf0, 0x9f])), true);
    assert.equal(fill(message, Buffer.from([0x28])), false);
  });

  it("has no text if it ends within a character", () => {
    const message = new MessageBuffer(true, false);
    assert.equal(fill(message, "a", Buffer.from([0xc3])), true);
    assert.equal(message.text(), undefined);
  });

  it("doesn't look at the UTF-8 of what is still compressed", () => {
    const message = new MessageBuffer(true, true);
    assert.equal(fill(message, Buffer.from([0xff, 0xfe])), true);
    assert.deepEqual(message.bytes(), Buffer.from([0xff, 0xfe]));
  });

  it("takes memory for what has come, never for what is announced", () => {
    const message = new MessageBuffer(false, false);
    const chunk = Buffer.alloc(1_000);
    let remaining = 2 ** 40;
    for (let count = 1; count <= 100; count++) {
      message.append(chunk, 0, chunk.length, { nonAscii: 0, remaining });
      remaining -= chunk.length;
      assert.ok(
        message.capacity <= Math.max(3 * message.length, 512),
        `${message.capacity} for ${message.length}`,
      );
    }
  });

  it("copies what it holds now and then only, however many pieces come", () => {
    const message = new MessageBuffer(false, false);
    const capacities = new Set<number>();
    const chunk = Buffer.alloc(100);
    for (let count = 0; count < 10_000; count++) {
      message.append(chunk, 0, chunk.length, { nonAscii: 0, remaining: 1_000_000 - count * 100 });
      capacities.add(message.capacity);
    }
    assert.ok(capacities.size < 20, String(capacities.size));
    assert.equal(message.capacity, 1_000_000, "in the end exactly what was announced");
  });

  it("never shows what another message has left in its memory", () => {
    const secret = "secret ".repeat(10_000);
    for (let count = 0; count < 5; count++) {
      const text = new MessageBuffer(true, false);
      fill(text, secret, secret);
      assert.equal(text.text(), secret + secret);
      const other = new MessageBuffer(count % 2 === 0, false);
      fill(other, "x".repeat(40_000), "y".repeat(5));
      const seen = count % 2 === 0 ? other.text() : other.bytes().toString("latin1");
      assert.ok(seen === `${"x".repeat(40_000)}yyyyy`);
    }
  });

  it("gives away memory of its own, of the message's length", () => {
    const large = new MessageBuffer(false, false);
    fill(large, "a".repeat(50_000), "b".repeat(300_000));
    large.bytes();
    for (const parts of [["x".repeat(30_000), "y".repeat(30_000)], ["x".repeat(70_000)]]) {
      const message = new MessageBuffer(false, false);
      fill(message, ...parts);
      const bytes = message.bytes();
      assert.equal(bytes.toString("latin1"), parts.join(""));
      assert.equal(bytes.buffer.byteLength, bytes.length);
    }
  });

  it("reads a text of any length", () => {
    for (const length of [100_000, 0xfbee8, 0xfbee9, 3_000_000]) {
      for (const last of ["z", "ß"]) {
        const text = new MessageBuffer(true, false);
        fill(text, "t".repeat(length - 1), last);
        assert.ok(text.text() === "t".repeat(length - 1) + last);
      }
    }
  });

  it("keeps what it has given away", () => {
    const binary = new MessageBuffer(false, false);
    fill(binary, "b".repeat(20_000), "b".repeat(20_000));
    const bytes = binary.bytes();
    for (let count = 0; count < 10; count++) {
      const text = new MessageBuffer(true, false);
      fill(text, "t".repeat(20_000), "t".repeat(30_000));
      text.text();
    }
    assert.ok(bytes.length === 40_000 && bytes.every((octet) => octet === 0x62));
  });
});
