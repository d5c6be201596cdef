import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { type InflateResult, Inflater, type InflaterOptions } from "../../../src/websocket/inflater.ts";
import { pendingZlibJobs } from "../../../src/websocket/zlib-jobs.ts";

const options: InflaterOptions = {
  windowBits: 15,
  contextTakeover: true,
  maxOutputBytes: 1_000_000,
  maxRatio: 10_000,
};

function compress(message: string | Buffer): Buffer {
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

function inflateAsync(inflater: Inflater, payload: Buffer): Promise<InflateResult> {
  return new Promise((resolve) => inflater.inflateAsync(payload, resolve));
}

/** What comes of a first message; the same at once and in zlib's threads. */
async function outcome(payload: Buffer, changes: Partial<InflaterOptions> = {}): Promise<string> {
  const here = new Inflater({ ...options, ...changes }).inflate(payload);
  const there = await inflateAsync(new Inflater({ ...options, ...changes }), payload);
  assert.deepEqual(there, here);
  return here.kind === "ok" ? here.bytes.toString("latin1") : here.kind;
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

describe("Inflater", () => {
  it("inflates the examples of RFC 7692 §7.2.3", async () => {
    assert.equal(await outcome(bytes("f2 48 cd c9 c9 07 00")), "Hello", "one block");
    assert.equal(await outcome(bytes("00 05 00 fa ff 48 65 6c 6c 6f 00")), "Hello", "no compression");
    assert.equal(await outcome(bytes("f3 48 cd c9 c9 07 00 00")), "Hello", "final block");
    assert.equal(await outcome(bytes("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")), "Hello", "two blocks");
    assert.equal(await outcome(bytes("00")), "", "empty message");
  });

  it("lets the second message of §7.2.3.2 refer back to the first", () => {
    const inflater = new Inflater(options);
    assert.deepEqual(inflater.inflate(bytes("f2 48 cd c9 c9 07 00")), {
      kind: "ok",
      bytes: Buffer.from("Hello"),
    });
    assert.deepEqual(inflater.inflate(bytes("f2 00 11 00 00")), { kind: "ok", bytes: Buffer.from("Hello") });
  });

  it("doesn't let it without context takeover", () => {
    const inflater = new Inflater({ ...options, contextTakeover: false });
    assert.equal(inflater.inflate(bytes("f2 48 cd c9 c9 07 00")).kind, "ok");
    assert.equal(inflater.inflate(bytes("f2 00 11 00 00")).kind, "corrupt");
    assert.equal(inflater.windowBytes, 0);
  });

  it("takes a message without any data for an empty one", async () => {
    assert.equal(await outcome(Buffer.alloc(0)), "");
  });

  it("goes on after final blocks, with the window as it was", async () => {
    const final = (text: string): Buffer => deflateRawSync(text);
    assert.equal(
      await outcome(Buffer.concat([final("Hello "), final("again "), compress("and again")])),
      "Hello again and again",
    );
    assert.equal(await outcome(final("Hello")), "Hello", "without the empty block that should follow");
    const dictionary = Buffer.from("some text that comes again and again");
    const referring = deflateRawSync(dictionary, {
      dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
    }).subarray(0, -4);
    assert.equal(
      await outcome(Buffer.concat([deflateRawSync(dictionary), referring])),
      dictionary.toString().repeat(2),
    );
    const inflater = new Inflater(options);
    assert.equal(inflater.inflate(deflateRawSync(dictionary)).kind, "ok");
    assert.deepEqual(inflater.inflate(referring), { kind: "ok", bytes: dictionary });
  });

  it("doesn't go on for ever: a message may begin anew sixteen times", async () => {
    const empty = bytes("03 00");
    const message = (count: number): Buffer =>
      Buffer.concat([...Array<Buffer>(count).fill(empty), compress("end")]);
    assert.equal(await outcome(message(16)), "end");
    assert.equal(await outcome(message(17)), "corrupt");
    assert.equal(await outcome(message(30_000)), "corrupt");
  });

  it("finds every kind of corrupt data", async () => {
    for (const [name, hex] of [
      ["reserved block type", "07"],
      ["stored block whose lengths don't match", "00 05 00 fa fe 48 65 6c 6c 6f 00"],
      ["reference to before the beginning", "f2 00 11 00 00"],
      ["garbage", "ff ff ff ff ff ff"],
      ["garbage after the final block", "f3 48 cd c9 c9 07 00 ff ff ff"],
      ["the tail that should not be sent", "f2 48 cd c9 c9 07 00 00 00 ff ff"],
      ["nothing but the tail", "00 00 ff ff"],
    ] as const) {
      assert.equal(await outcome(bytes(hex)), "corrupt", name);
    }
  });

  it("takes no message for whole that was cut off", async () => {
    const whole = compress("Hello, a message of some length, which is cut off");
    for (let end = 1; end < whole.length; end++) {
      assert.equal(await outcome(whole.subarray(0, end)), "corrupt", `${end} of ${whole.length} bytes`);
    }
    const stored = deflateRawSync("Hello", { level: 0, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    // The first byte alone is the empty message. Of a block without compression that lacks just four bytes, those that
    // are appended (§7.2.2) are the rest.
    for (const end of [2, 3, 4, 5, 7, 8, 9, 10])
      assert.equal(await outcome(stored.subarray(0, end)), "corrupt");
    assert.equal(await outcome(stored.subarray(0, 6)), "H\x00\x00\xff\xff");
  });

  it("holds messages to the limit to the byte", async () => {
    for (const size of [1, 100, 5000, 70_000, 200_000]) {
      const message = Buffer.alloc(size, "abcdefg");
      assert.equal((await outcome(compress(message), { maxOutputBytes: size })).length, size);
      assert.equal(await outcome(compress(message), { maxOutputBytes: size - 1 }), "too-big");
      assert.equal((await outcome(compress(message), { maxOutputBytes: size + 1 })).length, size);
    }
  });

  it("holds the parts between final blocks to the limit together", async () => {
    const parts = Buffer.concat([
      deflateRawSync(Buffer.alloc(60)),
      deflateRawSync(Buffer.alloc(40)),
      compress(Buffer.alloc(0)),
    ]);
    assert.equal((await outcome(parts, { maxOutputBytes: 100 })).length, 100);
    assert.equal(await outcome(parts, { maxOutputBytes: 99 }), "too-big");
    assert.equal(await outcome(parts, { maxOutputBytes: 60 }), "too-big");
  });

  it("stops a bomb at the limit, without the memory that it asks for", async () => {
    const bomb = compress(Buffer.alloc(100_000_000));
    const before = process.memoryUsage().arrayBuffers;
    assert.equal(await outcome(bomb), "too-big");
    assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000);
    assert.equal(await outcome(Buffer.concat([bomb.subarray(0, -20), Buffer.alloc(20, 0xff)])), "too-big");
  });

  it("judges the ratio of what is larger than 64 KiB", async () => {
    const size = 65_536;
    assert.equal((await outcome(compress(Buffer.alloc(size)), { maxRatio: 2 })).length, size);
    assert.equal(await outcome(compress(Buffer.alloc(size + 1)), { maxRatio: 2 }), "too-big");
    const payload = compress(Buffer.alloc(500_000));
    const ratio = 500_000 / payload.length;
    assert.equal((await outcome(payload, { maxRatio: ratio + 1 })).length, 500_000);
    assert.equal(await outcome(payload, { maxRatio: ratio - 1 }), "too-big");
  });

  it("keeps the payload as it is, and gives bytes that may be changed", () => {
    const inflater = new Inflater(options);
    const payload = compress("Hello");
    const copy = Buffer.from(payload);
    const first = inflater.inflate(payload);
    assert.deepEqual(payload, copy);
    assert.ok(first.kind === "ok");
    first.bytes.fill(0);
    assert.deepEqual(inflater.inflate(bytes("f2 00 11 00 00")), { kind: "ok", bytes: Buffer.from("Hello") });
  });

  it("doesn't keep a large chunk alive for a short message", () => {
    const inflater = new Inflater(options);
    const payload = oneByteInManyBlocks();
    const kept = Array.from({ length: 100 }, () => inflater.inflate(payload));
    // Short messages share Node's pool; a hundred chunks would be a hundred buffers.
    const buffers = new Set(kept.map((result) => result.kind === "ok" && result.bytes.buffer));
    assert.ok(buffers.size < 10, `${buffers.size} buffers`);
  });

  it("takes no more memory between messages than its window", () => {
    const inflater = new Inflater({ ...options, windowBits: 10 });
    assert.equal(inflater.windowBytes, 0);
    for (let round = 0; round < 10; round++) inflater.inflate(compress(Buffer.alloc(1000)));
    assert.equal(inflater.windowBytes, 1024);
  });

  it("refuses a second message before the first is done, and calls back exactly once", async () => {
    const inflater = new Inflater(options);
    let calls = 0;
    const done = new Promise<InflateResult>((resolve) => {
      inflater.inflateAsync(compress("Hello"), (result) => {
        calls++;
        resolve(result);
      });
    });
    assert.throws(() => inflater.inflate(compress("a")), /being inflated/);
    assert.throws(() => inflater.inflateAsync(compress("a"), () => assert.fail()), /being inflated/);
    assert.equal((await done).kind, "ok");
    assert.equal(inflater.inflate(bytes("f2 00 11 00 00")).kind, "ok");
    assert.equal(calls, 1);
  });

  it("ends every one of many jobs, good and bad, and leaves none behind", async () => {
    const bomb = compress(Buffer.alloc(3_000_000));
    const payloads = [
      compress("a"),
      bomb,
      Buffer.from([0x07]),
      Buffer.alloc(0),
      compress(Buffer.alloc(100_000)),
    ];
    const calls = new Map<number, number>();
    const jobs = Array.from({ length: 200 }, (_, job) => {
      const payload = payloads[job % payloads.length] ?? bomb;
      return new Promise<void>((resolve) => {
        new Inflater(options).inflateAsync(payload, () => {
          calls.set(job, (calls.get(job) ?? 0) + 1);
          resolve();
        });
      });
    });
    await Promise.all(jobs);
    assert.equal(pendingZlibJobs(), 0);
    assert.deepEqual([...calls.values()], Array<number>(200).fill(1));
  });

  it("never throws, whatever the payload, and never gives more than the limit", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 8, max: 15 }),
        (payload, windowBits) => {
          const inflater = new Inflater({ ...options, windowBits, maxOutputBytes: 500 });
          const result = inflater.inflate(Buffer.from(payload));
          assert.ok(result.kind !== "ok" || result.bytes.length <= 500);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/** A message that is shorter by far than its compressed form: nearly all of its blocks are empty. */
function oneByteInManyBlocks(): Buffer {
  const emptyBlock = bytes("00 00 00 ff ff");
  return Buffer.concat([...Array<Buffer>(3000).fill(emptyBlock), compress("a")]);
}
