import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeDoor } from "../../support/fake-door.ts";
import { handshakeHead, headBytes } from "../../support/handshake.ts";

const request = headBytes(handshakeHead());

describe("Handshake", () => {
  it("reads the head of a request, in whatever pieces it comes", () => {
    for (const size of [request.length, 1, 7, 100]) {
      const door = new FakeDoor();
      const stream = door.knock();
      for (let at = 0; at < request.length; at += size) stream.receive(request.subarray(at, at + size));
      assert.equal(door.connections, 1, `in pieces of ${size}`);
    }
  });

  it("passes on what came behind the head", () => {
    const door = new FakeDoor();
    const messages: unknown[] = [];
    door.handler = { message: (_, message) => void messages.push(message) };
    const masked = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    door.knock().receive(Buffer.concat([request, masked]));
    assert.deepEqual(messages, ["hi"]);
  });

  it("refuses what is no request, and ends", () => {
    const door = new FakeDoor();
    const stream = door.knock();
    stream.receive(Buffer.from("\x16\x03\x01 what is this\r\n\r\n"));
    assert.match(stream.taken.toString(), /^HTTP\/1\.1 400 /);
    assert.equal(stream.isEnded, true);
    assert.equal(door.engine.stats.refused.malformed, 1);
  });

  it("refuses a head that is too large as soon as it is", () => {
    const door = new FakeDoor();
    const stream = door.knock();
    stream.receive(Buffer.from("GET / HTTP/1.1\r\nX: "));
    for (let count = 0; count < 20 && !stream.isEnded; count++) stream.receive(Buffer.alloc(1_000, "x"));
    assert.match(stream.taken.toString(), /^HTTP\/1\.1 431 /);
  });

  it("takes nothing for a request that follows a refusal", () => {
    const door = new FakeDoor();
    const stream = door.knock();
    stream.receive(Buffer.from("BAD\r\n\r\n"));
    const before = stream.taken.length;
    stream.receive(request);
    assert.equal(stream.taken.length, before);
    assert.equal(door.connections, 0);
  });

  it("ends only when its refusal is written", () => {
    const door = new FakeDoor();
    const stream = door.knock();
    stream.room = 10;
    stream.receive(Buffer.from("BAD\r\n\r\n"));
    assert.equal(stream.isEnded, false);
    stream.accept();
    assert.equal(stream.isEnded, true);
    assert.match(stream.taken.toString(), /^HTTP\/1\.1 400 /);
  });

  it("is refused when it takes too long, and dropped if the peer doesn't go then", async () => {
    const door = new FakeDoor({ handshakeTimeoutMs: 500 });
    const stream = door.knock();
    stream.receive(request.subarray(0, 20));
    door.pass(400);
    assert.equal(stream.taken.length, 0);
    door.pass(300);
    assert.match(stream.taken.toString(), /^HTTP\/1\.1 408 /);
    assert.equal(door.engine.stats.refused.handshakeTimeout, 1);
    assert.equal(stream.isDestroyed, false);
    door.pass(1_500);
    assert.equal(stream.isDestroyed, true);
    await Promise.resolve();
    assert.equal(door.engine.stats.handshakes, 0);
    assert.equal(door.inside, 0);
  });

  it("is over when the peer goes", async () => {
    for (const go of ["end", "destroy"] as const) {
      const door = new FakeDoor();
      const stream = door.knock();
      stream.receive(request.subarray(0, 20));
      if (go === "end") stream.reader.onEnd();
      else stream.destroy();
      await Promise.resolve();
      assert.equal(stream.isDestroyed, true);
      assert.deepEqual([door.engine.stats.handshakes, door.inside], [0, 0]);
    }
  });
});
