import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { SqliteCall } from "../../../../../src/pools/database/sqlite/sqlite-call.ts";
import { SqliteThread, type ThreadEvents } from "../../../../../src/pools/database/sqlite/sqlite-thread.ts";
import { REQUEST, type RequestKind } from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { TemporaryFolder } from "../../../../support/temporary-folder.ts";
import { inTime, waitFor } from "../../../../support/wait-for.ts";

// So many rows that nobody waits for the end, without a row before it.
const ENDLESS =
  "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000000) SELECT count(*) FROM c";

describe("SqliteThread", () => {
  const folder = new TemporaryFolder();
  after(() => folder.remove());

  function start(log: string[] = []): SqliteThread {
    const events: ThreadEvents = {
      onReady: () => log.push("ready"),
      onStuck: (thread) => {
        log.push("stuck");
        thread.condemn();
      },
      onExit: (_thread, reason) => log.push(reason),
    };
    const schemaEpoch = new Int32Array(new SharedArrayBuffer(4));
    const data = { path: `${folder.path}/a.db`, role: "writer", isTemporary: true, schemaEpoch } as const;
    return new SqliteThread(data, "test", events);
  }
  function send(thread: SqliteThread, kind: RequestKind, sql: string): SqliteCall {
    const call = new SqliteCall({ kind, session: 0, sql, limit: 10, params: [] });
    call.send(thread);
    return call;
  }

  it("answers all that it is asked, counts what it has to do, and ends when it is told", async () => {
    const log: string[] = [];
    const thread = start(log);
    const calls = Array.from({ length: 100 }, (_, at) => send(thread, REQUEST.write, `SELECT ${at} AS at`));
    const failing = send(thread, REQUEST.write, "SELEC");
    assert.equal(thread.load, 101);
    const results = await Promise.all(calls.map(({ result }) => result));
    assert.deepEqual(
      results.map(({ rows }) => rows[0]?.["at"]),
      calls.map((_, at) => at),
    );
    await assert.rejects(failing.result, { code: "SQLITE_ERROR", errcode: 1 });
    assert.equal(thread.load, 0);
    assert.equal(thread.isReady, true);
    await inTime("the end", thread.end());
    await thread.end();
    assert.deepEqual(log, ["ready", "it was closed"]);
  });

  it("is condemned when it doesn't stop, and ends by itself once it can", async () => {
    const log: string[] = [];
    const thread = start(log);
    await send(thread, REQUEST.write, "CREATE TABLE t (a)").result;
    const endless = send(thread, REQUEST.write, ENDLESS);
    await waitFor("it to be at it", () => {
      thread.look();
      return thread.isHeldUp;
    });
    const waiting = send(thread, REQUEST.write, "INSERT INTO t VALUES (1)");
    const outcomes = Promise.allSettled([endless.result, waiting.result]);
    endless.cancel();
    const codes = (await inTime("being given up", outcomes)).map(
      (outcome) => outcome.status === "rejected" && (outcome.reason as { code: string }).code,
    );
    assert.deepEqual(codes, ["CANCELLED", "NO_THREAD"]);
    await waitFor("the thread to end", () => log.includes("it could not be stopped"), 60_000);
  });
});
