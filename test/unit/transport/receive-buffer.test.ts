import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import { compressionDefaults, connectionDefaults } from "../../../src/transport/connection-options.ts";
import { Inbox } from "../../../src/transport/inbox.ts";
import { MessageCompression } from "../../../src/transport/message-compression.ts";
import { PeerRate } from "../../../src/transport/peer-rate.ts";
import { ReceiveBuffer, type ReceiveBufferOwner } from "../../../src/transport/receive-buffer.ts";
import { Opcode } from "../../../src/websocket/index.ts";
import { clientClose, clientFrame, connectionOptions } from "../../support/fake-connection.ts";
import { FakeStream } from "../../support/fake-stream.ts";
import { waitFor } from "../../support/wait-for.ts";

class TestOwner implements ReceiveBufferOwner {
  readonly id = 1;
  readonly stream = new FakeStream();
  readonly inbox: Inbox;
  readonly compression: MessageCompression | null;
  readonly rate: PeerRate | null;
  readonly told: string[] = [];
  buffer!: ReceiveBuffer;

  constructor(setup: Setup) {
    this.inbox = new Inbox({ ...connectionDefaults.receive, ...setup.receive }, this);
    this.rate = PeerRate.of(connectionOptions(setup.rates ?? {}));
    const params = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    };
    this.compression =
      setup.compression === true
        ? new MessageCompression(params, { ...compressionDefaults, maxRatio: 10_000 }, 8_000_000)
        : null;
  }

  onReceived(): void {
    this.told.push("received");
  }

  onPing(payload: Buffer): void {
    this.told.push(`ping ${payload.toString()}`);
  }

  onPong(payload: Buffer): void {
    this.told.push(`pong ${payload.toString()}`);
  }

  onClose(code: number, reason: string): void {
    this.told.push(`close ${code} ${reason}`);
  }

  onViolation(code: number, reason: string): void {
    this.told.push(`violation ${code} ${reason}`);
  }

  onReadingResumed(): void {
    this.told.push("resumed");
  }

  onInboxLow(): void {
    this.buffer.resume();
  }
}

interface Setup {
  readonly receive?: Partial<typeof connectionDefaults.receive>;
  readonly rates?: { maxMessagesPerSecond?: number; maxBytesPerSecond?: number };
  readonly compression?: boolean;
}

interface Made {
  readonly owner: TestOwner;
  readonly buffer: ReceiveBuffer;
  readonly stream: FakeStream;
  readonly inbox: Inbox;
}

function receiving(setup: Setup = {}): Made {
  const owner = new TestOwner(setup);
  const limits = { role: "server", maxMessageBytes: 8_000_000, maxFragments: 10 } as const;
  const buffer = new ReceiveBuffer({ ...limits, compression: setup.compression === true }, owner);
  owner.buffer = buffer;
  const { stream, inbox } = owner;
  stream.open({
    onBytes: (chunk, start, end) => buffer.take(chunk, start, end),
    onWritten() {},
    onEnd() {},
    onClosed() {},
  });
  return { owner, buffer, stream, inbox };
}

const text = (message: string): Buffer => clientFrame(Opcode.text, message);

function compressed(message: string): Buffer {
  const deflated = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  const frame = clientFrame(Opcode.text, deflated);
  frame[0] = 0xc1;
  return frame;
}

/** Takes what waits, one at a time; what comes by that is waited for. */
async function read(inbox: Inbox, count: number): Promise<unknown[]> {
  const messages: unknown[] = [];
  while (messages.length < count) messages.push((await inbox.next()).value);
  return messages;
}

describe("ReceiveBuffer", () => {
  it("turns bytes into messages and tells of everything else, in order", async () => {
    const { owner, stream, inbox } = receiving();
    stream.receive(
      Buffer.concat([
        text("a"),
        clientFrame(Opcode.ping, "p"),
        text("b"),
        clientFrame(Opcode.pong, "q"),
        clientClose(1000, "bye"),
      ]),
    );
    assert.deepEqual(owner.told, ["received", "ping p", "received", "pong q", "close 1000 bye"]);
    assert.deepEqual(await read(inbox, 2), ["a", "b"]);
  });

  it("stops reading when the inbox is full, and goes on when that is low", async () => {
    const { owner, buffer, stream, inbox } = receiving({
      receive: { highWaterMessages: 3, lowWaterMessages: 1 },
    });
    stream.receive(Buffer.concat(["1", "2", "3", "4", "5", "6", "7", "8"].map(text)));
    assert.equal(buffer.isPaused, true);
    assert.equal(stream.isReading, false);
    assert.ok(buffer.heldBytes > 3 * 7, "what was read already is kept");
    assert.equal(owner.told.length, 3);
    // A stream may have one read under way.
    stream.receive(text("9"));
    assert.deepEqual(await read(inbox, 9), ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    await waitFor("reading to go on", () => stream.isReading);
    assert.equal(buffer.isPaused, false);
    assert.equal(buffer.heldBytes, 0);
    assert.ok(owner.told.includes("resumed"));
  });

  it("keeps what came behind a half frame", async () => {
    const { stream, inbox, buffer } = receiving({ receive: { highWaterMessages: 1, lowWaterMessages: 0 } });
    const second = text("second");
    stream.receive(Buffer.concat([text("first"), second.subarray(0, 4)]));
    stream.receive(second.subarray(4, 5));
    stream.receive(second.subarray(5));
    assert.equal(buffer.isPaused, true);
    assert.deepEqual(await read(inbox, 2), ["first", "second"]);
  });

  it("knows when it is in the middle of a message, and what memory that takes", () => {
    const { buffer, stream } = receiving();
    const frame = text("x".repeat(1_000));
    assert.equal(buffer.isMidMessage, false);
    stream.receive(frame.subarray(0, 500));
    assert.equal(buffer.isMidMessage, true);
    assert.ok(buffer.heldBytes >= 490);
    stream.receive(frame.subarray(500));
    assert.equal(buffer.isMidMessage, false);
  });

  it("fails for more messages than are allowed, control frames counted too", () => {
    for (const opcode of [Opcode.text, Opcode.ping, Opcode.pong]) {
      const { owner, stream } = receiving({ rates: { maxMessagesPerSecond: 3 } });
      stream.receive(Buffer.concat(Array.from({ length: 6 }, () => clientFrame(opcode))));
      assert.equal(owner.told.length, 4);
      assert.equal(owner.told.at(-1), "violation 1008 rate limit exceeded");
    }
  });

  it("fails for more bytes than are allowed", () => {
    const { owner, stream } = receiving({ rates: { maxBytesPerSecond: 70_000 } });
    stream.receive(text("x".repeat(60_000)));
    assert.deepEqual(owner.told, ["received"]);
    stream.receive(text("x".repeat(60_000)));
    assert.equal(owner.told[1], "violation 1008 rate limit exceeded");
  });

  it("swallows everything once it is told to", () => {
    const { owner, buffer, stream } = receiving();
    stream.receive(text("a").subarray(0, 5));
    buffer.discard();
    stream.receive(text("b"));
    assert.deepEqual(owner.told, []);
    assert.equal(buffer.heldBytes, 0);
  });

  describe("with compression", () => {
    it("inflates small messages at once", async () => {
      const { stream, inbox } = receiving({ compression: true });
      stream.receive(Buffer.concat([compressed("a".repeat(500)), text("plain"), compressed("b")]));
      assert.deepEqual(await read(inbox, 3), ["a".repeat(500), "plain", "b"]);
    });

    it("inflates large ones elsewhere, and meanwhile takes nothing, so that the order holds", async () => {
      const { buffer, stream, inbox, owner } = receiving({ compression: true });
      const large = "large ".repeat(500_000);
      stream.receive(Buffer.concat([compressed(large), text("after")]));
      assert.equal(buffer.isPaused, true);
      assert.deepEqual(owner.told, []);
      const [first, second] = await read(inbox, 2);
      assert.ok(first === large);
      assert.equal(second, "after");
      assert.equal(stream.isReading, true);
    });

    it("says nothing of a message that is inflated when the connection is gone", async () => {
      const { buffer, stream, owner } = receiving({ compression: true });
      stream.receive(compressed("large ".repeat(500_000)));
      buffer.finish();
      const other = receiving({ compression: true });
      other.stream.receive(compressed("large ".repeat(500_000)));
      await read(other.inbox, 1);
      assert.deepEqual(owner.told, []);
    });

    it("fails for what can't be inflated, what is too large then, and what isn't UTF-8 then", () => {
      const corrupt = clientFrame(Opcode.text, Buffer.from([0xff, 0xff, 0xff]));
      corrupt[0] = 0xc1;
      const bytes = deflateRawSync(Buffer.from([0xc3, 0x28]), { finishFlush: constants.Z_SYNC_FLUSH });
      const invalid = clientFrame(Opcode.text, bytes.subarray(0, -4));
      invalid[0] = 0xc1;
      for (const [frame, violation] of [
        [corrupt, /^violation 1007 corrupt/],
        [invalid, /^violation 1007 invalid UTF-8/],
      ] as const) {
        const { owner, stream } = receiving({ compression: true });
        stream.receive(frame);
        assert.match(owner.told.join(), violation);
      }
    });
  });
});
