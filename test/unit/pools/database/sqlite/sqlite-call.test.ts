import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SqliteCall, threadGone } from "../../../../../src/pools/database/sqlite/sqlite-call.ts";
import { OWN_CODES, SqliteFailure } from "../../../../../src/pools/database/sqlite/sqlite-failure.ts";
import type { SqliteThread } from "../../../../../src/pools/database/sqlite/sqlite-thread.ts";
import { REQUEST } from "../../../../../src/pools/database/sqlite/thread-protocol.ts";

const RESULT = { rows: [], affectedRows: 1, lastInsertId: undefined };
const request = (kind: 1 | 2) => ({ kind, session: 0, sql: "x", limit: 0, params: [] });

/** A thread that has begun what it was asked for, or not. */
function fakeThread(hasBegun: boolean): { thread: SqliteThread; log: string[]; giveUp: () => void } {
  const log: string[] = [];
  const fake = { thread: undefined as unknown as SqliteThread, log, giveUp: () => {} };
  fake.thread = {
    ask: () => 5,
    withdraw: (slot: number) => {
      log.push(`withdraw ${slot}`);
      return !hasBegun;
    },
    cancel: (slot: number, _pending: unknown, giveUp: () => void) => {
      log.push(`cancel ${slot}`);
      fake.giveUp = giveUp;
    },
  } as unknown as SqliteThread;
  return fake;
}

describe("SqliteCall", () => {
  it("ends with its result, or with its error", async () => {
    const call = new SqliteCall(request(REQUEST.read));
    call.settle(RESULT);
    call.cancel();
    assert.equal(await call.result, RESULT);
    const failing = new SqliteCall(request(REQUEST.read));
    failing.fail(new Error("a"));
    await assert.rejects(failing.result, /a/);
  });

  it("ends at once when it is cancelled before it has begun", async () => {
    const { thread, log } = fakeThread(false);
    const call = new SqliteCall(request(REQUEST.write));
    call.send(thread);
    call.cancel();
    call.cancel();
    await assert.rejects(call.result, { code: OWN_CODES.cancelled });
    call.settle(RESULT);
    assert.deepEqual(log, ["withdraw 5"]);
  });

  it("waits for its thread to stop it, until that takes too long", async () => {
    const fake = fakeThread(true);
    const call = new SqliteCall(request(REQUEST.write));
    call.send(fake.thread);
    call.cancel();
    assert.deepEqual(fake.log, ["withdraw 5", "cancel 5"]);
    fake.giveUp();
    await assert.rejects(call.result, { code: OWN_CODES.cancelled });
  });

  it("tells of a write that was done all the same, but gives no rows to whom has cancelled", async () => {
    const [write, read] = [new SqliteCall(request(REQUEST.write)), new SqliteCall(request(REQUEST.read))];
    for (const call of [write, read]) {
      call.send(fakeThread(true).thread);
      call.cancel();
      call.settle(RESULT);
    }
    assert.equal(await write.result, RESULT);
    await assert.rejects(read.result, { code: OWN_CODES.cancelled });
  });

  it("goes elsewhere if it can, unless it was cancelled", async () => {
    const moved: [SqliteCall, Error][] = [];
    const dispatcher = {
      redirect: (call: SqliteCall, error: Error) => moved.push([call, error]) > 0,
      send: () => {},
    };
    const call = new SqliteCall(request(REQUEST.read), dispatcher);
    call.send(fakeThread(true).thread);
    call.lose(false, "it ended");
    assert.equal(moved.length, 1);
    assert.deepEqual(
      moved.map(([, error]) => (error as SqliteFailure).code),
      [OWN_CODES.noThread],
    );
    call.cancel();
    call.lose(true, "it ended");
    await assert.rejects(call.result, { code: OWN_CODES.cancelled });
    assert.equal(moved.length, 1);
  });

  it("is sent again when another thread is to do it, if that is all the same", async () => {
    const sent: SqliteCall[] = [];
    const dispatcher = { redirect: () => false, send: (call: SqliteCall) => sent.push(call) };
    const read = new SqliteCall(request(REQUEST.read), dispatcher);
    assert.equal(read.isMovable, true);
    read.move();
    assert.deepEqual(sent, [read]);
    read.settle(RESULT);
    assert.equal(await read.result, RESULT);
    assert.equal(read.isMovable, false, "nobody waits for it");
    assert.equal(new SqliteCall(request(REQUEST.write), dispatcher).isMovable, false);
    const cancelled = new SqliteCall(request(REQUEST.read), dispatcher);
    cancelled.send(fakeThread(true).thread);
    cancelled.cancel();
    assert.equal(cancelled.isMovable, false, "its thread is to stop it");
    assert.equal(new SqliteCall(request(REQUEST.read)).isMovable, false, "it is part of a transaction");
  });

  it("says whether it may have been done when its thread is gone", async () => {
    assert.equal(threadGone(true, "x").code, OWN_CODES.threadLost);
    const call = new SqliteCall(request(REQUEST.write));
    call.lose(false, "it ended");
    await assert.rejects(call.result, { code: OWN_CODES.noThread, message: /it ended/ });
  });

  it("fails if its thread takes nothing", async () => {
    const full = {
      ask: () => {
        throw new SqliteFailure(OWN_CODES.noThread, 0, "full");
      },
    } as unknown as SqliteThread;
    const call = new SqliteCall(request(REQUEST.write));
    call.send(full);
    await assert.rejects(call.result, /full/);
  });
});
