import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backlog, countFrames, frameBytes, lastFrame } from "../../../src/transport/backlog.ts";
import { encodeClose, encodeFrame, Opcode } from "../../../src/websocket/index.ts";
import { describeFrames } from "../../support/server-frames.ts";

const text = (message: string): Buffer => encodeFrame(Opcode.text, message);

function append(backlog: Backlog, ...frames: Buffer[]): void {
  for (const frame of frames) backlog.append(frame, 0, frame.length);
}

/** Takes everything out. */
function contents(backlog: Backlog): string[] {
  const taken: Buffer[] = [];
  for (let chunks = backlog.take(1); chunks.length > 0; chunks = backlog.take(1)) taken.push(...chunks);
  assert.equal(backlog.bytes, 0);
  return describeFrames(Buffer.concat(taken));
}

describe("Backlog", () => {
  it("gives out what it took, in order", () => {
    const backlog = new Backlog();
    append(backlog, text("a"), text("b"));
    backlog.share(Buffer.concat([text("c"), text("d")]));
    append(backlog, text("e"));
    assert.equal(backlog.bytes, 15);
    assert.deepEqual(contents(backlog), ["text:a", "text:b", "text:c", "text:d", "text:e"]);
  });

  it("copies what it appends, and only that", () => {
    const backlog = new Backlog();
    const own = text("own");
    const shared = text("shared");
    append(backlog, own);
    backlog.share(shared);
    own.fill(0);
    const [first, second] = backlog.take(100) as [Buffer, Buffer];
    assert.deepEqual(describeFrames(first), ["text:own"]);
    assert.equal(second.buffer, shared.buffer);
  });

  it("appends a part of a buffer", () => {
    const backlog = new Backlog();
    const frames = Buffer.concat([text("x"), text("y"), text("z")]);
    backlog.append(frames, 3, 6);
    assert.deepEqual(contents(backlog), ["text:y"]);
  });

  it("gathers small frames in few chunks, and takes large ones as they are", () => {
    const backlog = new Backlog();
    for (let count = 0; count < 100; count++) append(backlog, text("small"));
    append(backlog, text("large".repeat(2000)), text("small"));
    const chunks = backlog.take(Number.POSITIVE_INFINITY);
    assert.ok(chunks.length <= 3, String(chunks.length));
    assert.equal(describeFrames(Buffer.concat(chunks)).length, 102);
  });

  it("never appends to a chunk that has been given out", () => {
    const backlog = new Backlog();
    append(backlog, text("a"));
    const [given] = backlog.take(1) as [Buffer];
    append(backlog, text("b"));
    assert.deepEqual(describeFrames(given), ["text:a"]);
    assert.deepEqual(contents(backlog), ["text:b"]);
  });

  it("gives out about as much as it is asked for", () => {
    const backlog = new Backlog();
    for (let count = 0; count < 10; count++) append(backlog, text("x".repeat(5_000)));
    const size = Buffer.concat(backlog.take(12_000)).length;
    assert.ok(size >= 12_000 && size < 20_000, String(size));
  });

  describe("that drops the oldest", () => {
    it("drops as few as make the room, and says what", () => {
      const backlog = new Backlog();
      append(backlog, text("aaaa"), text("bbbb"), text("cccc"));
      assert.deepEqual(backlog.dropOldest(7), { messages: 2, bytes: 12 });
      assert.equal(backlog.bytes, 6);
      append(backlog, text("d"));
      assert.deepEqual(contents(backlog), ["text:cccc", "text:d"]);
    });

    it("drops whole messages out of shared bytes, whose other readers don't notice", () => {
      const backlog = new Backlog();
      const shared = Buffer.concat([text("a"), text("b"), text("c")]);
      backlog.share(shared);
      assert.deepEqual(backlog.dropOldest(1), { messages: 1, bytes: 3 });
      assert.deepEqual(contents(backlog), ["text:b", "text:c"]);
      assert.deepEqual(describeFrames(shared), ["text:a", "text:b", "text:c"]);
    });

    it("knows lengths of all encodings", () => {
      const backlog = new Backlog();
      const frames = [0, 125, 126, 65_535, 65_536].map((length) => text("x".repeat(length)));
      append(backlog, ...frames);
      const bytes = frames.reduce((sum, { length }) => sum + length, 0);
      assert.deepEqual(backlog.dropOldest(bytes), { messages: 5, bytes });
      assert.deepEqual(contents(backlog), []);
    });

    it("leaves control frames", () => {
      const backlog = new Backlog();
      append(backlog, encodeFrame(Opcode.ping, "1"), text("a"), encodeFrame(Opcode.pong, "2"), text("b"));
      assert.deepEqual(backlog.dropOldest(4), { messages: 2, bytes: 6 });
      assert.deepEqual(contents(backlog), ["ping:1", "pong:2"]);
    });

    it("ends when nothing is left to drop", () => {
      const backlog = new Backlog();
      append(backlog, encodeFrame(Opcode.ping, "1"), text("a"));
      assert.deepEqual(backlog.dropOldest(1_000), { messages: 1, bytes: 3 });
      assert.deepEqual(backlog.dropOldest(1_000), { messages: 0, bytes: 0 });
      assert.deepEqual(contents(backlog), ["ping:1"]);
    });
  });

  describe("that keeps the latest", () => {
    it("replaces what has the same key, and says how large that was", () => {
      const backlog = new Backlog();
      assert.equal(backlog.hasLatest, false);
      assert.equal(backlog.replace("k", text("old")), 0);
      assert.equal(backlog.hasLatest, true);
      assert.equal(backlog.replace("other", text("kept")), 0);
      assert.equal(backlog.replace("k", text("newer")), 5);
      assert.equal(backlog.bytes, 6 + 7);
      assert.deepEqual(contents(backlog), ["text:kept", "text:newer"], "in the order of sending");
      assert.equal(backlog.hasLatest, false);
    });

    it("gives them out after what was there before", () => {
      const backlog = new Backlog();
      append(backlog, text("before"));
      backlog.replace("", text("latest"));
      assert.deepEqual(contents(backlog), ["text:before", "text:latest"]);
    });

    it("has a close frame come last, but lets a ping overtake", () => {
      const backlog = new Backlog();
      backlog.replace("a", text("one"));
      backlog.appendControl(encodeFrame(Opcode.ping, ""));
      backlog.replace("a", text("two"));
      backlog.replace("b", text("three"));
      backlog.appendControl(encodeClose(1000, ""));
      assert.deepEqual(contents(backlog), ["ping:", "text:two", "text:three", "close:1000"]);
    });
  });

  it("drops everything but control frames when it is cleared", () => {
    const backlog = new Backlog();
    append(backlog, text("a"), encodeFrame(Opcode.ping, ""), text("b"));
    backlog.share(Buffer.concat([text("c"), text("d")]));
    backlog.replace("k", text("e"));
    assert.deepEqual(backlog.clear(), { messages: 5, bytes: 15 });
    assert.equal(backlog.bytes, 2);
    assert.deepEqual(contents(backlog), ["ping:"]);
    assert.deepEqual(backlog.clear(), { messages: 0, bytes: 0 });
  });
});

describe("frameBytes", () => {
  it("is the length of the frame at a place", () => {
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 70_000]) {
      const frame = text("x".repeat(length));
      assert.equal(frameBytes(Buffer.concat([Buffer.alloc(5), frame]), 5), frame.length);
    }
    const huge = Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 2]);
    assert.equal(frameBytes(huge, 0), 10 + 2 ** 32 + 2);
  });
});

describe("lastFrame", () => {
  it("is a copy of the last one", () => {
    const frames = Buffer.concat([text("a"), text("b".repeat(200)), text("c")]);
    const last = lastFrame(frames);
    frames.fill(0);
    assert.deepEqual(describeFrames(last), ["text:c"]);
    assert.deepEqual(describeFrames(lastFrame(text("only"))), ["text:only"]);
  });
});

describe("countFrames", () => {
  it("counts", () => {
    assert.equal(countFrames(Buffer.alloc(0)), 0);
    assert.equal(countFrames(Buffer.concat([text(""), text("x".repeat(300)), text("y")])), 3);
  });
});
