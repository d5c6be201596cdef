import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Dropped } from "../../../src/transport/backlog.ts";
import { connectionDefaults, type SendBufferOptions } from "../../../src/transport/connection-options.ts";
import { FlushWindow } from "../../../src/transport/flush-window.ts";
import { Flusher } from "../../../src/transport/flusher.ts";
import { SendBuffer, type SendBufferOwner } from "../../../src/transport/send-buffer.ts";
import { encodeClose, encodeFrame, Opcode } from "../../../src/websocket/index.ts";
import { FakeStream } from "../../support/fake-stream.ts";
import { describeFrames } from "../../support/server-frames.ts";

class TestOwner implements SendBufferOwner {
  readonly stream = new FakeStream();
  readonly compression = null;
  readonly drops: Dropped[] = [];
  tooSlow = 0;
  drained = 0;
  held: number[] = [];
  buffer!: SendBuffer;

  onDropped(dropped: Dropped): void {
    this.drops.push(dropped);
  }

  onTooSlow(): void {
    this.tooSlow++;
  }

  onHeldChanged(): void {
    this.held.push(this.buffer.heldBytes);
  }

  onDrained(): void {
    this.drained++;
  }
}

interface Setup {
  readonly buffer: SendBuffer;
  readonly owner: TestOwner;
  readonly stream: FakeStream;
  readonly flusher: Flusher;
  frames(): string[];
}

function setup(options: Partial<SendBufferOptions> = {}, flusher = new Flusher(new FlushWindow(0))): Setup {
  const owner = new TestOwner();
  const { stream } = owner;
  const buffer = new SendBuffer(flusher, { ...connectionDefaults.sendBuffer, ...options }, owner);
  owner.buffer = buffer;
  stream.open({ onBytes() {}, onEnd() {}, onClosed() {}, onWritten: () => buffer.onWritten() });
  return { buffer, owner, stream, flusher, frames: () => describeFrames(stream.taken) };
}

/** A buffer whose kernel takes nothing, so that what is sent has to wait behind one small message. */
function blocked(options: Partial<SendBufferOptions> = {}): Setup {
  const made = setup(options);
  made.stream.room = 0;
  made.buffer.sendText("first", "");
  made.buffer.flush();
  assert.equal(made.buffer.isBlocked, true);
  return made;
}

const shared = (...texts: string[]): { frames: Buffer; messages: number; key: string } => ({
  frames: Buffer.concat(texts.map((text) => encodeFrame(Opcode.text, text))),
  messages: texts.length,
  key: "",
});

describe("SendBuffer", () => {
  it("writes what has gathered in one call, in the order in which it was sent", () => {
    const { buffer, stream, flusher, frames } = setup();
    assert.equal(buffer.sendText("a", ""), true);
    buffer.sendBinary(Buffer.from("b"), "");
    buffer.sendText("ä🌊", "");
    assert.deepEqual(stream.writes, []);
    assert.ok(buffer.bufferedBytes > 0);
    flusher.flush();
    assert.equal(stream.writes.length, 1);
    assert.deepEqual(frames(), ["text:a", "binary:62", "text:ä🌊"]);
    assert.equal(buffer.bufferedBytes, 0);
  });

  it("keeps apart what several connections gather in turns", () => {
    const flusher = new Flusher(new FlushWindow(0));
    const [one, two] = [setup({}, flusher), setup({}, flusher)];
    for (let count = 1; count <= 3; count++) {
      one.buffer.sendText(`one ${count}`, "");
      two.buffer.sendBinary(Buffer.from([count]), "");
    }
    flusher.flush();
    assert.deepEqual(one.frames(), ["text:one 1", "text:one 2", "text:one 3"]);
    assert.deepEqual(two.frames(), ["binary:01", "binary:02", "binary:03"]);
    assert.deepEqual([one.stream.writes.length, two.stream.writes.length], [1, 1]);
  });

  it("keeps order among small messages, large ones, control frames and shared ones", () => {
    const { buffer, flusher, frames } = setup({ flushBytes: 1_000_000 });
    const large = "L".repeat(20_000);
    const huge = "H".repeat(40_000);
    buffer.sendText("a", "");
    buffer.sendText(large, "");
    buffer.sendControl(encodeFrame(Opcode.ping, "p"));
    buffer.sendText("b", "");
    buffer.share(shared("s1", "s2"), true);
    buffer.sendBinary(Buffer.from(large), "");
    buffer.sendText(huge, "");
    buffer.sendPong(encodeFrame(Opcode.pong, "q"));
    buffer.sendText("c", "");
    flusher.flush();
    assert.deepEqual(frames(), [
      "text:a",
      `text:${large}`,
      "ping:p",
      "text:b",
      "text:s1",
      "text:s2",
      `binary:${Buffer.from(large).toString("hex")}`,
      `text:${huge}`,
      "pong:q",
      "text:c",
    ]);
  });

  it("writes at once when enough has gathered", () => {
    const { buffer, stream, frames } = setup({ flushBytes: 1_000 });
    for (let count = 0; count < 9; count++) buffer.sendText("x".repeat(100), "");
    assert.equal(stream.writes.length, 0);
    buffer.sendText("x".repeat(100), "");
    assert.equal(stream.writes.length, 1);
    assert.equal(frames().length, 10);
  });

  it("leaves a large text to a write that isn't done, whoever sends the next, and uses its memory again after", () => {
    const first = setup();
    const second = setup({}, first.flusher);
    const text = (letter: string): string => letter.repeat(40_000);
    first.stream.room = 1_000;
    first.buffer.sendText(text("a"), "");
    second.buffer.sendText(text("b"), "");
    first.stream.accept();
    for (const letter of ["c", "d"]) {
      first.stream.room = 1_000;
      first.buffer.sendText(text(letter), "");
      second.buffer.sendText(text(letter.toUpperCase()), "");
      first.stream.accept();
    }
    assert.deepEqual(
      first.frames(),
      ["a", "c", "d"].map((letter) => `text:${text(letter)}`),
    );
    assert.deepEqual(
      second.frames(),
      ["b", "C", "D"].map((letter) => `text:${text(letter)}`),
    );
  });

  it("doesn't copy large bytes", () => {
    const { buffer, stream } = setup({ flushBytes: 1_000_000 });
    stream.room = 0;
    const payload = Buffer.alloc(100_000, "a");
    buffer.sendBinary(payload, "");
    buffer.flush();
    payload.fill("b");
    stream.accept();
    assert.ok(describeFrames(stream.taken)[0]?.endsWith("6262"), "what is written is where it was");
  });

  it("copies small bytes, so that they may change", () => {
    const { buffer, flusher, frames } = setup();
    const payload = Buffer.from("before");
    buffer.sendBinary(payload, "");
    payload.write("after!");
    flusher.flush();
    assert.deepEqual(frames(), [`binary:${Buffer.from("before").toString("hex")}`]);
  });

  it("goes on when the arena is full, whoever has filled it", () => {
    const flusher = new Flusher(new FlushWindow(0));
    const [one, two] = [setup({}, flusher), setup({}, flusher)];
    const text = "x".repeat(15_000);
    one.buffer.sendText("first", "");
    for (let count = 0; count < 40; count++) two.buffer.sendText(text, "");
    for (let count = 0; count < 40; count++) two.buffer.sendBinary(Buffer.from(text), "");
    one.buffer.sendText("last", "");
    flusher.flush();
    assert.deepEqual(one.frames(), ["text:first", "text:last"]);
    assert.equal(two.frames().length, 80);
  });

  it("waits if the kernel takes no more while room is made in the arena", () => {
    const { buffer, stream, flusher, frames } = setup();
    const other = setup({}, flusher);
    stream.room = 10;
    const message = "a".repeat(15_000);
    buffer.sendText(message, "");
    while (flusher.arena.has(3 * 15_000 + 10)) other.buffer.sendText(message, "");
    buffer.sendText("b".repeat(15_000), "");
    assert.equal(buffer.isBlocked, true);
    buffer.sendText("c", "");
    flusher.flush();
    stream.accept();
    flusher.flush();
    assert.deepEqual(
      frames().map((frame) => frame.slice(0, 6)),
      ["text:a", "text:b", "text:c"],
    );
  });

  describe("whose kernel takes no more", () => {
    it("has everything wait, and catches up in order", () => {
      const { buffer, owner, stream, frames } = blocked();
      assert.equal(buffer.sendText("a", ""), true);
      buffer.sendBinary(Buffer.from("b"), "");
      buffer.sendControl(encodeFrame(Opcode.ping, ""));
      assert.equal(buffer.share(shared("c", "d"), true), true, "the bytes are needed");
      buffer.sendText("e".repeat(50_000), "");
      assert.equal(stream.writes.length, 1);
      assert.ok(buffer.heldBytes > 50_000);
      assert.equal(buffer.bufferedBytes, buffer.heldBytes);
      stream.accept();
      assert.equal(buffer.isBlocked, false);
      assert.equal(buffer.heldBytes, 0);
      assert.equal(owner.held.at(-1), 0);
      assert.deepEqual(
        frames().map((frame) => frame.slice(0, 10)),
        ["text:first", "text:a", "binary:62", "ping:", "text:c", "text:d", "text:eeeee"],
      );
    });

    it("hands over bounded amounts, so that what is still here can be dropped", () => {
      const { buffer, stream } = blocked({ maxBufferedBytes: 2 ** 30 });
      for (let count = 0; count < 100; count++) buffer.sendText("x".repeat(10_000), "");
      stream.accept(0);
      assert.ok(stream.pendingBytes >= 256 * 1024);
      assert.ok(stream.pendingBytes < 300 * 1024, String(stream.pendingBytes));
      assert.equal(buffer.isBlocked, true);
    });

    it("answers the newest ping only", () => {
      const { buffer, stream, frames } = blocked();
      for (const payload of ["1", "2", "3"]) buffer.sendPong(encodeFrame(Opcode.pong, payload));
      assert.ok(buffer.bufferedBytes < 20, "pongs don't pile up");
      stream.accept();
      assert.deepEqual(frames(), ["text:first", "pong:3"]);
    });

    it("answers a ping before it closes, and never after", () => {
      const { buffer, stream, frames } = blocked();
      buffer.sendPong(encodeFrame(Opcode.pong, "1"));
      buffer.sendControl(encodeClose(1000, ""));
      stream.accept();
      assert.deepEqual(frames(), ["text:first", "pong:1", "close:1000"]);
    });

    it("is above its high-water mark until it is at its low one", () => {
      const { buffer, owner, stream } = blocked({ highWaterBytes: 300_000, lowWaterBytes: 100_000 });
      for (let count = 0; count < 2; count++) assert.equal(buffer.sendText("x".repeat(100_000), ""), true);
      assert.equal(buffer.isAboveHighWater, false);
      assert.equal(buffer.sendText("x".repeat(100_000), ""), false);
      assert.equal(buffer.isAboveHighWater, true);
      assert.equal(buffer.sendText("x", ""), false, "but it is sent");
      stream.accept(0);
      assert.equal(buffer.isAboveHighWater, true);
      assert.equal(owner.drained, 0);
      stream.accept();
      assert.equal(owner.drained, 1);
      assert.equal(buffer.isAboveHighWater, false);
      assert.equal(describeFrames(stream.taken).length, 5);
    });

    it("keeps what it shares until it is written", () => {
      const { buffer, stream, frames } = blocked();
      const bytes = shared("once").frames;
      buffer.share({ frames: bytes, messages: 1, key: "" }, false);
      stream.accept();
      bytes.fill(0);
      assert.deepEqual(frames(), ["text:first", "text:once"]);
    });
  });

  it("shares without a copy, and says whether the bytes are still needed", () => {
    const { buffer, stream, flusher, frames } = setup();
    assert.equal(buffer.share(shared("now"), true), false, "written");
    assert.deepEqual(stream.writes.length, 1);
    buffer.sendText("gathered", "");
    assert.equal(buffer.share(shared("after"), true), false, "the flush will see whether they are");
    flusher.flush();
    stream.room = 1;
    assert.equal(buffer.share(shared("half"), true), true);
    stream.accept();
    assert.deepEqual(frames(), ["text:now", "text:gathered", "text:after", "text:half"]);
  });

  it("doesn't write shared frames before its turn if it may not", () => {
    const { buffer, stream, flusher, frames } = setup();
    buffer.share(shared("a"), false);
    assert.deepEqual(stream.writes, []);
    flusher.flush();
    assert.deepEqual(frames(), ["text:a"]);
  });

  describe("under a slow-consumer policy", () => {
    const marks = { highWaterBytes: 100, lowWaterBytes: 10 };
    const forty = (letter: string): string => letter.repeat(38);
    const first = "text:first";

    it("dropOldest makes room for what comes", () => {
      const { buffer, owner, stream, frames } = blocked({ ...marks, slowConsumer: "dropOldest" });
      for (const letter of ["a", "b", "c", "d"]) buffer.sendText(forty(letter), "");
      assert.deepEqual(owner.drops, [
        { messages: 1, bytes: 40 },
        { messages: 1, bytes: 40 },
      ]);
      stream.accept();
      assert.deepEqual(frames(), [first, `text:${forty("c")}`, `text:${forty("d")}`]);
    });

    it("dropOldest drops what can't fit, instead of all that was there before", () => {
      const { buffer, owner, stream, frames } = blocked({ ...marks, slowConsumer: "dropOldest" });
      buffer.sendText("kept", "");
      assert.equal(buffer.sendText("x".repeat(200), ""), false);
      assert.deepEqual(owner.drops, [{ messages: 1, bytes: 204 }]);
      stream.accept();
      assert.deepEqual(frames(), [first, "text:kept"]);
    });

    it("dropOldest never drops a ping, nor counts one", () => {
      const { buffer, owner, stream, frames } = blocked({ ...marks, slowConsumer: "dropOldest" });
      buffer.sendControl(encodeFrame(Opcode.ping, ""));
      for (const letter of ["a", "b", "c"]) buffer.sendText(forty(letter), "");
      stream.accept();
      assert.deepEqual(owner.drops, [{ messages: 1, bytes: 40 }]);
      assert.equal(frames().filter((frame) => frame === "ping:").length, 1);
    });

    it("dropNewest drops what comes", () => {
      const { buffer, owner, stream, frames } = blocked({ ...marks, slowConsumer: "dropNewest" });
      assert.equal(buffer.sendText(forty("a"), ""), true);
      assert.equal(buffer.sendText(forty("b"), ""), true);
      assert.equal(buffer.sendText(forty("c"), ""), false);
      assert.equal(buffer.share(shared(forty("d"), "e"), false), false);
      assert.deepEqual(owner.drops, [
        { messages: 1, bytes: 40 },
        { messages: 2, bytes: 43 },
      ]);
      stream.accept();
      assert.deepEqual(frames(), [first, `text:${forty("a")}`, `text:${forty("b")}`]);
    });

    it("latest keeps the newest of each key, in the order of sending", () => {
      const { buffer, owner, stream, frames } = blocked({ ...marks, slowConsumer: "latest" });
      buffer.sendText("x".repeat(90), "");
      for (const [text, key] of [
        ["a1", "a"],
        ["b1", "b"],
        ["a2", "a"],
        ["1", ""],
        ["2", ""],
      ] as const) {
        buffer.sendText(text, key);
      }
      assert.deepEqual(owner.drops, [
        { messages: 1, bytes: 4 },
        { messages: 1, bytes: 3 },
      ]);
      stream.accept();
      assert.deepEqual(frames(), [first, `text:${"x".repeat(90)}`, "text:b1", "text:a2", "text:2"]);
    });

    it("latest takes the last one of several that come together, and counts the others", () => {
      const { buffer, owner, stream, frames } = blocked({ ...marks, slowConsumer: "latest" });
      buffer.sendText("x".repeat(90), "");
      buffer.share(shared("one", "two", "three"), false);
      buffer.share(shared("four", "five"), false);
      assert.deepEqual(owner.drops, [
        { messages: 2, bytes: 10 },
        { messages: 2, bytes: 13 },
      ]);
      stream.accept();
      assert.deepEqual(frames().slice(2), ["text:five"]);
    });

    it("latest never delivers an older message after a newer one, even when the peer catches up in between", () => {
      const { buffer, stream, frames } = blocked({
        highWaterBytes: 600_000,
        lowWaterBytes: 10,
        slowConsumer: "latest",
      });
      buffer.sendText("x".repeat(500_000), "");
      buffer.sendText("y".repeat(90_000), "");
      buffer.sendText("old".repeat(10_000), "");
      stream.accept(0);
      stream.accept(0);
      assert.ok(buffer.bufferedBytes < 300_000, "there is room again");
      buffer.sendText("new", "");
      stream.accept();
      assert.deepEqual(
        frames().map((frame) => frame.slice(0, 8)),
        ["text:fir", "text:xxx", "text:yyy", "text:new"],
      );
    });

    it("close has the connection closed", () => {
      const { buffer, owner } = blocked({ ...marks, slowConsumer: "close" });
      buffer.sendText(forty("a"), "");
      buffer.sendText(forty("b"), "");
      assert.equal(owner.tooSlow, 0);
      assert.equal(buffer.sendText(forty("c"), ""), false);
      assert.equal(owner.tooSlow, 1);
    });

    it("wait has it closed at the most that may be buffered", () => {
      const { buffer, owner } = blocked({ ...marks, maxBufferedBytes: 200, slowConsumer: "wait" });
      for (const letter of ["a", "b", "c", "d"]) buffer.sendText(forty(letter), "");
      assert.equal(owner.tooSlow, 0);
      assert.equal(buffer.isAboveHighWater, true);
      buffer.sendText(forty("e"), "");
      assert.equal(owner.tooSlow, 1);
    });

    it("latest has it closed too at the most that may be buffered: keys must not be endless", () => {
      const { buffer, owner } = blocked({ ...marks, maxBufferedBytes: 1_000, slowConsumer: "latest" });
      for (let key = 0; key < 30; key++) buffer.sendText(forty("x"), String(key));
      assert.ok(owner.tooSlow > 0);
    });
  });

  it("drops what waits when it is told to, but for what the kernel has", () => {
    const { buffer, owner, stream, frames } = blocked();
    buffer.sendText("a", "");
    buffer.sendText("b", "");
    buffer.discard();
    assert.deepEqual(owner.drops, [{ messages: 2, bytes: 6 }]);
    buffer.sendControl(encodeClose(1013, ""));
    stream.accept();
    assert.deepEqual(frames(), ["text:first", "close:1013"]);
  });

  it("forgets everything when its connection is gone", () => {
    const { buffer, stream, flusher, frames } = blocked();
    buffer.sendText("a", "");
    stream.destroy();
    buffer.finish();
    assert.equal(buffer.bufferedBytes, 0);
    buffer.sendControl(encodeFrame(Opcode.ping, ""));
    assert.equal(buffer.share(shared("b"), true), false);
    buffer.onWritten();
    flusher.flush();
    assert.deepEqual(frames(), []);
  });
});
