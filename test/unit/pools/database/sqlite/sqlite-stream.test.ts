import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RowStream } from "../../../../../src/pools/database/driver.ts";
import { SqliteFailure } from "../../../../../src/pools/database/sqlite/sqlite-failure.ts";
import { SqliteStream } from "../../../../../src/pools/database/sqlite/sqlite-stream.ts";
import type { Pending, SqliteThread } from "../../../../../src/pools/database/sqlite/sqlite-thread.ts";
import { REQUEST, type Request } from "../../../../../src/pools/database/sqlite/thread-protocol.ts";

const REQUESTED = { kind: REQUEST.open, session: 0, sql: "x", limit: 2, params: [] };
const result = (...values: number[]) => ({
  rows: values.map((a) => ({ a })),
  affectedRows: 0,
  lastInsertId: undefined,
});

/** A thread that notes what it is asked. */
class FakeThread {
  readonly asked: number[] = [];
  hasBegun = true;
  giveUp: (() => void) | undefined;

  ask(request: Request, _pending: Pending): number {
    this.asked.push(request.kind);
    return 9;
  }
  askAgain(_slot: number, request: Request): void {
    this.asked.push(request.kind);
  }
  withdraw(): boolean {
    return !this.hasBegun;
  }
  cancel(_slot: number, _pending: Pending, giveUp: () => void): void {
    this.giveUp = giveUp;
  }
}

function opened(instead?: () => RowStream): { stream: SqliteStream; fake: FakeThread } {
  const fake = new FakeThread();
  const source = { thread: () => fake as unknown as SqliteThread, instead };
  return { stream: new SqliteStream(REQUESTED, source), fake };
}

describe("SqliteStream", () => {
  it("opens with the first rows, asks for the next, and ends by itself", async () => {
    const { stream, fake } = opened();
    const first = stream.next();
    stream.settle(result(1, 2), false);
    assert.deepEqual(await first, [{ a: 1 }, { a: 2 }]);
    assert.equal(stream.holdsSlot, true);
    const second = stream.next();
    stream.settle(result(3), true);
    assert.deepEqual(await second, [{ a: 3 }]);
    assert.equal(stream.holdsSlot, false);
    assert.deepEqual(await stream.next(), []);
    await stream.close();
    assert.deepEqual(fake.asked, [REQUEST.open, REQUEST.next]);
  });

  it("closes between two batches", async () => {
    const { stream, fake } = opened();
    const first = stream.next();
    stream.settle(result(1), false);
    await first;
    const closed = stream.close();
    assert.equal(stream.holdsSlot, false);
    stream.settle(result(), true);
    await closed;
    await stream.close();
    await assert.rejects(stream.next(), { code: "CANCELLED" });
    assert.deepEqual(fake.asked, [REQUEST.open, REQUEST.close]);
  });

  it("asks for nothing when it is closed before it was opened", async () => {
    const { stream, fake } = opened();
    await stream.close();
    assert.deepEqual(fake.asked, []);
  });

  it("is stopped while its rows are on their way", async () => {
    const { stream } = opened();
    const next = stream.next();
    const closed = stream.close();
    stream.fail(new SqliteFailure("CANCELLED", 0, "x"));
    await assert.rejects(next, { code: "CANCELLED" });
    await closed;
  });

  it("closes at once if its rows weren't begun, or don't come, and ends in the thread when they have", async () => {
    for (const hasBegun of [false, true]) {
      const { stream, fake } = opened();
      fake.hasBegun = hasBegun;
      const next = stream.next();
      const closed = stream.close();
      fake.giveUp?.();
      await assert.rejects(next, { code: "CANCELLED" });
      await closed;
      stream.settle(result(1), false);
      assert.deepEqual(fake.asked, [REQUEST.open, REQUEST.close]);
    }
  });

  it("fails as its thread says, and when its thread is gone", async () => {
    const failing = opened().stream;
    const next = failing.next();
    failing.fail(new SqliteFailure("SQLITE_ERROR", 1, "x"));
    await assert.rejects(next, { code: "SQLITE_ERROR" });
    const lost = opened().stream;
    const losing = lost.next();
    lost.lose(true, "it ended");
    await assert.rejects(losing, { code: "THREAD_LOST" });
    const untouched = opened().stream;
    const unbegun = untouched.next();
    untouched.lose(false, "it ended");
    await assert.rejects(unbegun, { code: "NO_THREAD" });
  });

  it("goes on elsewhere if it turns out to write", async () => {
    const log: string[] = [];
    const other: RowStream = {
      next: async () => [{ a: 7 }],
      close: async () => {
        log.push("closed");
      },
    };
    const { stream } = opened(() => other);
    const next = stream.next();
    stream.fail(new SqliteFailure("SQLITE_READONLY", 8, "x"));
    assert.deepEqual(await next, [{ a: 7 }]);
    assert.deepEqual(await stream.next(), [{ a: 7 }]);
    await stream.close();
    assert.deepEqual(log, ["closed"]);
  });

  it("fails where no thread takes it", async () => {
    const thread = (): SqliteThread => {
      throw new SqliteFailure("NO_THREAD", 0, "x");
    };
    const stream = new SqliteStream(REQUESTED, { thread, instead: undefined });
    await assert.rejects(stream.next(), { code: "NO_THREAD" });
    await stream.close();
  });
});
