import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { constants, inflateRawSync } from "node:zlib";
import { Deflater, type DeflaterOptions, storedBlocks } from "../../../src/websocket/deflater.ts";
import { pendingZlibJobs } from "../../../src/websocket/zlib-jobs.ts";

const options: DeflaterOptions = { windowBits: 15, contextTakeover: true, level: 6, memLevel: 8 };

function inflate(payload: Buffer, dictionary?: Buffer): Buffer {
  const input = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]);
  return inflateRawSync(input, { finishFlush: constants.Z_SYNC_FLUSH, ...(dictionary && { dictionary }) });
}

function deflateAsync(deflater: Deflater, message: Buffer): Promise<Buffer> {
  return new Promise((resolve) => deflater.deflateAsync(message, resolve));
}

describe("Deflater", () => {
  it("compresses as the examples of RFC 7692 §7.2.3 do", () => {
    const deflater = new Deflater(options);
    assert.equal(deflater.deflate(Buffer.from("Hello")).toString("hex"), "f248cdc9c90700");
    assert.equal(deflater.deflate(Buffer.from("Hello")).toString("hex"), "f200110000");
    assert.equal(deflater.deflate(Buffer.alloc(0)).toString("hex"), "00");
  });

  it("compresses each message on its own without context takeover", () => {
    const deflater = new Deflater({ ...options, contextTakeover: false });
    for (let round = 0; round < 3; round++) {
      assert.equal(deflater.deflate(Buffer.from("Hello")).toString("hex"), "f248cdc9c90700");
    }
    assert.equal(deflater.windowBytes, 0);
  });

  it("makes the same of a message at once and in zlib's threads", async () => {
    const here = new Deflater(options);
    const there = new Deflater(options);
    for (const size of [0, 1, 100, 10_000, 300_000]) {
      const message = Buffer.alloc(size, `${size}, `);
      assert.deepEqual(await deflateAsync(there, message), here.deflate(message));
    }
    assert.equal(pendingZlibJobs(), 0);
  });

  it("gets every length through, also where zlib's output just fills its chunk", () => {
    for (const level of [0, 1, 9]) {
      const deflater = new Deflater({ ...options, level, contextTakeover: false });
      for (let size = 1; size < 300; size++) {
        const message = randomBytes(size);
        assert.deepEqual(inflate(deflater.deflate(message)), message, `level ${level}, ${size} bytes`);
      }
      for (const size of [65_400, 65_472, 65_531, 65_535, 65_536, 131_072, 200_000]) {
        const message = randomBytes(size);
        assert.deepEqual(inflate(deflater.deflate(message)), message, `level ${level}, ${size} bytes`);
      }
    }
  });

  it("takes no more memory between messages than its window", () => {
    const deflater = new Deflater({ ...options, windowBits: 9 });
    assert.equal(deflater.windowBytes, 0);
    for (let round = 0; round < 10; round++) deflater.deflate(Buffer.alloc(1000));
    assert.equal(deflater.windowBytes, 512);
  });

  it("refuses a second message before the first is done, and calls back exactly once", async () => {
    const deflater = new Deflater(options);
    let calls = 0;
    const done = new Promise<Buffer>((resolve) => {
      deflater.deflateAsync(Buffer.from("Hello"), (compressed) => {
        calls++;
        resolve(compressed);
      });
    });
    assert.throws(() => deflater.deflate(Buffer.from("a")), /being compressed/);
    assert.throws(() => deflater.deflateAsync(Buffer.from("a"), () => assert.fail()), /being compressed/);
    await done;
    assert.equal(deflater.deflate(Buffer.from("Hello")).toString("hex"), "f200110000");
    assert.equal(calls, 1);
  });

  it("sends a message in blocks without compression if zlib can't begin", async () => {
    // zlib takes no such window, which stands here for the memory that it may not get.
    const failing = new Deflater({ ...options, windowBits: 16 });
    const message = Buffer.from("Hello");
    assert.deepEqual(inflate(failing.deflate(message)), message);
    assert.deepEqual(inflate(await deflateAsync(failing, message)), message);
    assert.equal(pendingZlibJobs(), 0);
  });
});

describe("storedBlocks", () => {
  it("is what RFC 7692 §7.2.3.3 shows", () => {
    assert.equal(storedBlocks(Buffer.from("Hello")).toString("hex"), "000500faff48656c6c6f00");
    assert.equal(storedBlocks(Buffer.alloc(0)).toString("hex"), "00");
  });

  it("takes messages of any length", () => {
    for (const size of [1, 65_535, 65_536, 200_000]) {
      const message = randomBytes(size);
      assert.deepEqual(inflate(storedBlocks(message)), message);
    }
  });
});
