import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { afterEach, describe, it } from "node:test";
import { SqliteCall } from "../../../../../src/pools/database/sqlite/sqlite-call.ts";
import { SqliteThreads } from "../../../../../src/pools/database/sqlite/sqlite-threads.ts";
import { REQUEST, type RequestKind } from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { inTime, waitFor } from "../../../../support/wait-for.ts";

// It gives a row now and then, so that it can be stopped.
const ENDLESS =
  "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c WHERE x % 100000 = 0";

describe("SqliteThreads", () => {
  const opened: SqliteThreads[] = [];
  afterEach(async () => {
    for (const threads of opened.splice(0)) await threads.close();
  });

  function open({ path = ":memory:", maxConnections = 3, idleTimeoutMs = 60_000 } = {}): SqliteThreads {
    const events = { onConnect: () => {}, onConnectFailed: () => {}, onDisconnect: () => {} };
    const options = { name: "test", maxConnections, idleTimeoutMs, events };
    const threads = new SqliteThreads({ path }, { ...options, maxLifetimeMs: 1e9, connectTimeoutMs: 1_000 });
    opened.push(threads);
    return threads;
  }
  function send(threads: SqliteThreads, kind: RequestKind, sql: string): SqliteCall {
    const call = new SqliteCall({ kind, session: 0, sql, limit: 10, params: [] }, threads);
    threads.send(call);
    return call;
  }

  it("starts threads when they are needed, one after the other, no more than it may", async () => {
    const threads = open();
    assert.deepEqual([threads.size, threads.maxSize], [0, 3]);
    const askedFor = (): SqliteCall[] =>
      Array.from({ length: 20 }, () => send(threads, REQUEST.read, "SELECT 1 AS a"));
    const calls = askedFor();
    assert.equal(threads.size, 1);
    calls.push(send(threads, REQUEST.write, "CREATE TABLE t (a)"));
    for (const { result } of calls) await result;
    assert.equal(threads.size, 2);
    for (const { result } of [...askedFor(), ...askedFor()]) await result;
    for (const { result } of [...askedFor(), ...askedFor()]) await result;
    assert.deepEqual([threads.size, threads.idle, threads.connects], [3, 3, 3]);
    assert.equal(threads.isReady, true);
  });

  it("has others do what waits behind a statement that takes long", async () => {
    const threads = open();
    const endless = new SqliteCall(
      { kind: REQUEST.read, session: 0, sql: ENDLESS, limit: Number.POSITIVE_INFINITY, params: [] },
      threads,
    );
    threads.send(endless);
    const behind = Array.from({ length: 20 }, () => send(threads, REQUEST.read, "SELECT 1 AS a").result);
    const results = await inTime("what waits behind it", Promise.all(behind));
    assert.deepEqual(
      results.map(({ rows }) => rows),
      behind.map(() => [{ a: 1 }]),
    );
    endless.cancel();
    await assert.rejects(endless.result, { code: "CANCELLED" });
    await waitFor("all to be idle", () => threads.idle === threads.size);
  });

  it("sends what turns out to write to the thread that writes, and remembers it", async () => {
    const threads = open({ maxConnections: 2 });
    await send(threads, REQUEST.write, "CREATE TABLE t (a)").result;
    const sql = "INSERT INTO t VALUES (1) RETURNING a";
    for (const moves of [1, 0]) {
      const call = send(threads, REQUEST.read, sql);
      assert.deepEqual((await call.result).rows, [{ a: 1 }]);
      assert.equal(call.moves, moves);
    }
  });

  it("ends threads that had nothing to do for long, but for one that reads", async () => {
    const threads = open({ idleTimeoutMs: 20 });
    const calls = Array.from({ length: 9 }, () => send(threads, REQUEST.read, "SELECT 1 AS a"));
    for (const { result } of calls) await result;
    await waitFor("a thread to end", () => threads.size === 1);
    assert.deepEqual((await send(threads, REQUEST.read, "SELECT 1 AS a").result).rows, [{ a: 1 }]);
  });

  it("tries no longer than a few times where no thread can start", async () => {
    const threads = open({ path: "/nowhere/a.db" });
    await assert.rejects(send(threads, REQUEST.write, "SELECT 1").result, { code: "SQLITE_CANTOPEN" });
  });

  it("takes nothing more when it is closed, and leaves no files of what was in memory", async () => {
    const threads = open();
    await send(threads, REQUEST.write, "CREATE TABLE t (a)").result;
    const { rows } = await send(threads, REQUEST.write, "PRAGMA database_list").result;
    const file = String(rows[0]?.["file"]);
    assert.equal(existsSync(file), true);
    await threads.close();
    assert.equal(existsSync(file), false);
    assert.equal(threads.size, 0);
    await assert.rejects(send(threads, REQUEST.read, "SELECT 1").result, { code: "NO_THREAD" });
  });
});
