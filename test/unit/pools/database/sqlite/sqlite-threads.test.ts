import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { afterEach, describe, it } from "node:test";
import { SqliteCall } from "../../../../../src/pools/database/sqlite/sqlite-call.ts";
import { SqliteThreads } from "../../../../../src/pools/database/sqlite/sqlite-threads.ts";
import { REQUEST, type RequestKind } from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { waitFor } from "../../../../support/wait-for.ts";

describe("SqliteThreads", () => {
  const opened: SqliteThreads[] = [];
  afterEach(async () => {
    for (const threads of opened.splice(0)) await threads.close();
  });

  function open({ path = ":memory:", maxConnections = 3, idleTimeoutMs = 60_000 } = {}): SqliteThreads {
    const events = { onConnect: () => {}, onDisconnect: () => {} };
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

  it("starts threads when they are needed, no more than it may", async () => {
    const threads = open();
    assert.deepEqual([threads.size, threads.maxSize], [0, 3]);
    const calls = Array.from({ length: 20 }, () => send(threads, REQUEST.read, "SELECT 1 AS a"));
    calls.push(send(threads, REQUEST.write, "CREATE TABLE t (a)"));
    for (const { result } of calls) await result;
    assert.deepEqual([threads.size, threads.idle, threads.connects], [3, 3, 3]);
    assert.equal(threads.isReady, true);
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
