import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connectionDefaults } from "../../../src/transport/connection-options.ts";
import { Inbox, type MessageConsumer, type ReceivedMessage } from "../../../src/transport/inbox.ts";

interface Lows {
  count: number;
}

function inbox(options: Partial<typeof connectionDefaults.receive> = {}): { box: Inbox; lows: Lows } {
  const lows = { count: 0 };
  const owner = { id: 7, onInboxLow: () => void lows.count++ };
  return { box: new Inbox({ ...connectionDefaults.receive, ...options }, owner), lows };
}

/** Takes so many messages at a time, until it is told that it has room again. */
class FakeConsumer implements MessageConsumer {
  readonly taken: ReceivedMessage[] = [];
  room: number;

  constructor(room: number) {
    this.room = room;
  }

  consume(message: ReceivedMessage): boolean {
    this.taken.push(message);
    return --this.room > 0;
  }
}

async function rest(box: Inbox): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  for (;;) {
    const { value, done } = await box.next();
    if (done === true) return messages;
    messages.push(value);
  }
}

describe("Inbox", () => {
  it("gives messages in order to whoever asks", async () => {
    const { box } = inbox();
    box.push("a");
    box.push(Buffer.from("b"));
    assert.deepEqual(await box.next(), { value: "a", done: false });
    assert.deepEqual(await box.next(), { value: Buffer.from("b"), done: false });
    const asked = box.next();
    box.push("c");
    assert.deepEqual(await asked, { value: "c", done: false });
  });

  it("gives an empty message too", async () => {
    const { box } = inbox();
    box.push("");
    assert.deepEqual(await box.next(), { value: "", done: false });
  });

  it("refuses a second reader, but not a second loop", async () => {
    const { box } = inbox();
    const first = box.next();
    await assert.rejects(box.next(), { code: "SLUICE_ITERATOR_BUSY", message: /connection 7/ });
    assert.deepEqual(await box.return(), { value: undefined, done: true });
    assert.deepEqual(await first, { value: undefined, done: true }, "a loop that was left is over");
    const second = box.next();
    box.push("a");
    assert.deepEqual(await second, { value: "a", done: false });
  });

  it("refuses a reader beside a consumer", async () => {
    const { box } = inbox();
    box.feed(new FakeConsumer(10));
    await assert.rejects(box.next(), { code: "SLUICE_ITERATOR_BUSY" });
  });

  it("ends after what waits, or at once", async () => {
    const { box } = inbox();
    box.push("a");
    box.push("b");
    box.end(false);
    box.push("too late");
    assert.deepEqual(await rest(box), ["a", "b"]);

    const { box: dropped } = inbox();
    dropped.push("a");
    dropped.end(true);
    assert.equal(dropped.bytes, 0);
    assert.deepEqual(await rest(dropped), []);
  });

  it("ends for a reader that is waiting", async () => {
    const { box } = inbox();
    const asked = box.next();
    box.end(false);
    assert.deepEqual(await asked, { value: undefined, done: true });
  });

  it("is full at the high-water mark of messages, until the low one", async () => {
    const { box, lows } = inbox({ highWaterMessages: 4, lowWaterMessages: 1 });
    for (const message of ["a", "b", "c"]) box.push(message);
    assert.equal(box.isFull, false);
    box.push("d");
    assert.equal(box.isFull, true);
    await box.next();
    await box.next();
    assert.equal(box.isFull, true);
    assert.equal(lows.count, 0);
    await box.next();
    assert.equal(box.isFull, false);
    assert.equal(lows.count, 1);
  });

  it("is full at the high-water mark of bytes, until the low one", async () => {
    const { box, lows } = inbox({ highWaterBytes: 1_000, lowWaterBytes: 500 });
    for (let count = 0; count < 3; count++) box.push("x".repeat(300));
    assert.equal(box.isFull, true);
    assert.ok(box.bytes >= 900);
    await box.next();
    assert.equal(box.isFull, true);
    await box.next();
    assert.equal(box.isFull, false);
    assert.equal(lows.count, 1);
    await box.next();
    assert.equal(box.bytes, 0);
  });

  it("counts more for a message than its bytes, so that empty ones fill it too", () => {
    const { box } = inbox({ highWaterBytes: 1_000, highWaterMessages: 1_000_000 });
    for (let count = 0; count < 100; count++) box.push("");
    assert.equal(box.isFull, true);
  });

  it("isn't full any more when what waits is dropped", () => {
    const { box } = inbox({ highWaterMessages: 1, lowWaterMessages: 0 });
    box.push("a");
    box.end(true);
    assert.equal(box.isFull, false);
  });

  it("feeds a consumer what waits and then what comes, as long as it takes it", () => {
    const { box } = inbox();
    const consumer = new FakeConsumer(3);
    box.push("a");
    box.push("b");
    box.feed(consumer);
    assert.deepEqual(consumer.taken, ["a", "b"]);
    for (const message of ["c", "d", "e"]) box.push(message);
    assert.deepEqual(consumer.taken, ["a", "b", "c"]);
    consumer.room = 1;
    box.resume();
    assert.deepEqual(consumer.taken, ["a", "b", "c", "d"]);
    consumer.room = 2;
    box.resume();
    box.push("f");
    assert.deepEqual(consumer.taken, ["a", "b", "c", "d", "e", "f"]);
  });

  it("says that it is low when a consumer has caught up", () => {
    const { box, lows } = inbox({ highWaterMessages: 2, lowWaterMessages: 0 });
    const consumer = new FakeConsumer(1);
    box.feed(consumer);
    for (const message of ["a", "b", "c"]) box.push(message);
    assert.equal(box.isFull, true);
    consumer.room = 5;
    box.resume();
    assert.equal(box.isFull, false);
    assert.equal(lows.count, 1);
  });
});
