import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Doomed } from "../../../../../src/pools/database/sqlite/call-states.ts";
import { ReaderThread } from "../../../../../src/pools/database/sqlite/reader-thread.ts";
import type { SqliteConnection } from "../../../../../src/pools/database/sqlite/sqlite-connection.ts";
import {
  BEGIN,
  REQUEST,
  type RequestKind,
  type ThreadRequest,
} from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { type Answer, ThreadHarness } from "./thread-harness.ts";

describe("ReaderThread", () => {
  let harness: ThreadHarness;
  let writer: SqliteConnection;
  let thread: ReaderThread;

  beforeEach(() => {
    harness = new ThreadHarness();
    writer = harness.open();
    writer.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)");
    thread = new ReaderThread(harness.data, harness.context, () => {});
  });
  afterEach(() => {
    thread.close();
    harness.close();
  });

  function work(...requests: ThreadRequest[]): Answer[] {
    for (const request of requests) thread.take(request);
    thread.work();
    return harness.taken();
  }
  const read = (sql: string, session = 0): ThreadRequest =>
    harness.request(REQUEST.read, sql, [], { session });
  const open = (sql: string, session = 0): ThreadRequest =>
    harness.request(REQUEST.open, sql, [], { session, limit: 2 });
  const begin = (): ThreadRequest => harness.request(REQUEST.begin, "", [], { limit: BEGIN.read });
  const follow = (kind: RequestKind, { slot }: ThreadRequest): ThreadRequest =>
    harness.request(kind, "", [], { slot, session: slot });
  const ALL = "SELECT a FROM t";
  const COUNT = "SELECT count(*) FROM t";

  it("answers reads, and says that writes aren't for it", () => {
    const [rows, refused, pinged] = work(read(ALL), read("DELETE FROM t"), harness.request(REQUEST.ping, ""));
    assert.deepEqual(rows?.rows, [[1], [2], [3]]);
    assert.equal(refused?.code, "SQLITE_READONLY");
    assert.equal(pinged?.code, undefined);
  });

  it("answers what is done before it begins what may take long", (t) => {
    let takesMs = 0;
    let now = 0;
    t.mock.method(performance, "now", () => {
      now += takesMs;
      return now;
    });
    const messagesFor = (...statements: string[]): number => {
      for (const sql of statements) thread.take(read(sql));
      thread.work();
      const messages = harness.messages.filter(({ answers }) => answers.length > 0).length;
      assert.equal(harness.taken().length, statements.length);
      return messages;
    };
    assert.equal(messagesFor(ALL, COUNT, ALL), 2, "nothing is known of COUNT");
    assert.equal(messagesFor(ALL, COUNT, ALL), 1, "both are known to be quick");
    takesMs = 100;
    messagesFor(COUNT);
    takesMs = 0;
    assert.equal(messagesFor(ALL, COUNT, ALL), 2, "COUNT took long the last time");
  });

  it("reads what was asked together as of one moment, and what is asked meanwhile as of then", (t) => {
    // However long they take on a machine that is busy, they count as quick.
    const clock = t.mock.method(performance, "now", () => 0);
    work(read(COUNT));
    const later = read(COUNT);
    let isLater = false;
    thread.close();
    thread = new ReaderThread(harness.data, harness.context, () => {
      if (isLater) thread.take(later);
      isLater = false;
    });
    work(read(COUNT));
    isLater = true;
    const together = [read(COUNT), read(COUNT), read(COUNT)];
    clock.mock.mockImplementation(() => {
      writer.exec("INSERT INTO t VALUES (0)");
      return 0;
    });
    const counts = work(...together).map(({ rows }) => Number(rows?.[0]?.[0]));
    t.mock.restoreAll();
    assert.equal(counts[0], counts[1]);
    assert.equal(counts[1], counts[2]);
    assert.ok(Number(counts[3]) > Number(counts[2]));
  });

  it("gives all rows when a key that was unique isn't any longer, whoever has changed that", () => {
    writer.exec(
      "CREATE TABLE u (k INT, v INT); CREATE UNIQUE INDEX one ON u (k); INSERT INTO u VALUES (1, 1)",
    );
    const byKey = "SELECT v FROM u WHERE k = 1";
    for (let time = 0; time < 3; time++)
      for (const { rows } of work(read(byKey), read(byKey))) assert.deepEqual(rows, [[1]]);
    writer.exec("DROP INDEX one; INSERT INTO u VALUES (1, 2)");
    for (const { rows } of work(read(byKey), read(byKey))) assert.deepEqual(rows, [[1], [2]]);
  });

  it("counts a row, and reads a large integer, whichever way it reads", () => {
    const large = "SELECT 9007199254740993";
    const none = (sql: string): ThreadRequest => harness.request(REQUEST.read, sql, [], { limit: 0 });
    for (let time = 0; time < 3; time++) {
      const [first, second, third] = work(read(large), none(large), read(large));
      assert.deepEqual([first?.rows, third?.rows], [[[9_007_199_254_740_993n]], [[9_007_199_254_740_993n]]]);
      assert.match(String(second?.message), /more than 0 rows/);
    }
  });

  it("doesn't begin what was withdrawn", () => {
    const withdrawn = read(ALL);
    harness.states.withdraw(withdrawn.slot);
    assert.equal(work(withdrawn)[0]?.code, "CANCELLED");
  });

  it("sees what has been written since, beside a stream that doesn't", () => {
    const stream = open(ALL);
    assert.equal(work(stream)[0]?.rows?.length, 2);
    writer.exec("INSERT INTO t VALUES (4)");
    assert.deepEqual(work(read(COUNT))[0]?.rows, [[4]]);
    assert.deepEqual(work(follow(REQUEST.next, stream))[0]?.rows, [[3]]);
  });

  it("reads as of one moment within a transaction", () => {
    const transaction = begin();
    work(transaction);
    writer.exec("INSERT INTO t VALUES (4)");
    assert.deepEqual(work(read(COUNT, transaction.slot))[0]?.rows, [[3]]);
    assert.equal(work(open(ALL, transaction.slot))[0]?.rows?.length, 2);
    work(follow(REQUEST.commit, transaction));
    assert.equal(work(read(COUNT, transaction.slot))[0]?.code, "REFUSED");
    assert.deepEqual(work(read(COUNT))[0]?.rows, [[4]]);
  });

  it("lets further streams wait when there are too many", () => {
    const streams = Array.from({ length: 65 }, () => open(ALL));
    assert.equal(work(...streams).length, 64);
    const [closed, opened] = work(follow(REQUEST.close, streams[0] as ThreadRequest));
    assert.equal(closed?.slot, streams[0]?.slot);
    assert.deepEqual([opened?.slot, opened?.rows?.length], [streams[64]?.slot, 2]);
  });

  it("ends a stream whose next rows were withdrawn", () => {
    const stream = open(ALL);
    work(stream);
    const next = follow(REQUEST.next, stream);
    harness.states.withdraw(next.slot);
    assert.equal(work(next)[0]?.code, "CANCELLED");
    assert.equal(work(follow(REQUEST.next, stream))[0]?.code, "CANCELLED");
  });

  it("knows the columns anew when it is told that the schema has changed", () => {
    work(read("SELECT * FROM t LIMIT 1"));
    writer.exec("ALTER TABLE t RENAME COLUMN a TO b");
    Atomics.add(harness.data.schemaEpoch, 0, 1);
    thread.take(read("SELECT * FROM t LIMIT 1"));
    thread.work();
    assert.deepEqual(
      harness.messages.flatMap(({ columns = [] }) => columns.map(({ names }) => names)),
      [["b"]],
    );
    harness.taken();
  });

  it("says what is wrong when it can't open the database", () => {
    const broken = new ReaderThread({ ...harness.data, path: "/nowhere/a.db" }, harness.context, () => {});
    for (const request of [read(ALL), open(ALL), begin()]) broken.take(request);
    broken.work();
    assert.deepEqual(
      harness.taken().map(({ code }) => code),
      ["SQLITE_CANTOPEN", "SQLITE_CANTOPEN", "SQLITE_CANTOPEN"],
    );
  });

  it("stops when it is doomed", () => {
    harness.states.doom();
    assert.throws(() => work(read(ALL)), Doomed);
  });
});
