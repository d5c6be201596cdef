import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Doomed } from "../../../../../src/pools/database/sqlite/call-states.ts";
import {
  BEGIN,
  REQUEST,
  type ThreadRequest,
} from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { WriterThread } from "../../../../../src/pools/database/sqlite/writer-thread.ts";
import { type Answer, ThreadHarness } from "./thread-harness.ts";

describe("WriterThread", () => {
  let harness: ThreadHarness;
  let thread: WriterThread;
  let arriving: ThreadRequest[][];

  beforeEach(() => {
    harness = new ThreadHarness();
    arriving = [];
    const receive = (): void => {
      for (const request of arriving.shift() ?? []) thread.take(request);
    };
    thread = new WriterThread(harness.data, harness.context, receive);
    work(harness.write("CREATE TABLE t (a INTEGER PRIMARY KEY)"));
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
  const insert = (a: number, session = 0): ThreadRequest =>
    harness.write("INSERT INTO t VALUES (?)", [a], session);
  const begin = (limit: number = BEGIN.write): ThreadRequest =>
    harness.request(REQUEST.begin, "", [], { limit });
  const end = (kind: 8 | 9, { slot }: ThreadRequest): ThreadRequest =>
    harness.request(kind, "", [], { session: slot, slot });
  const codes = (answers: Answer[]): unknown[] => answers.map(({ code }) => code ?? "done");

  it("runs writes that are there together, in their order, each with its own outcome", () => {
    const requests = [insert(1), insert(1), insert(2)];
    const answers = work(...requests);
    assert.deepEqual(
      answers.map(({ slot }) => slot),
      requests.map(({ slot }) => slot),
    );
    assert.deepEqual(codes(answers), ["done", "SQLITE_CONSTRAINT_PRIMARYKEY", "done"]);
  });

  it("doesn't begin what was withdrawn", () => {
    const withdrawn = insert(1);
    harness.states.withdraw(withdrawn.slot);
    const answers = work(withdrawn, insert(2));
    assert.deepEqual(codes(answers).sort(), ["CANCELLED", "done"]);
    assert.deepEqual(work(harness.write("SELECT a FROM t"))[0]?.rows, [[2]]);
  });

  it("lets other writes wait for a transaction, and takes them all together after it", () => {
    const first = begin();
    assert.deepEqual(codes(work(first)), ["done"]);
    assert.deepEqual(work(insert(5), insert(6)), []);
    assert.deepEqual(codes(work(insert(1, first.slot))), ["done"]);
    assert.deepEqual(codes(work(end(REQUEST.rollback, first))), ["done", "done", "done"]);
    assert.deepEqual(work(harness.write("SELECT a FROM t"))[0]?.rows, [[5], [6]]);
  });

  it("takes transactions one after the other", () => {
    const [first, second] = [begin(), begin()];
    assert.deepEqual(
      work(first, second).map(({ slot }) => slot),
      [first.slot],
    );
    assert.deepEqual(
      work(end(REQUEST.commit, first)).map(({ slot }) => slot),
      [first.slot, second.slot],
    );
    work(end(REQUEST.commit, second));
  });

  it("begins no transaction that was withdrawn meanwhile", () => {
    const first = begin();
    harness.states.withdraw(first.slot);
    assert.deepEqual(codes(work(first, insert(1))).sort(), ["CANCELLED", "done"]);
  });

  it("refuses what belongs to a transaction that is over", () => {
    const first = begin();
    work(first);
    work(end(REQUEST.commit, first));
    assert.deepEqual(codes(work(insert(1, first.slot))), ["REFUSED"]);
  });

  it("runs apart what can't be in a transaction, and refuses what begins or ends one", () => {
    const statements = ["PRAGMA user_version = 3", "VACUUM", "BEGIN", "COMMIT", "SAVEPOINT a"];
    const answers = work(...statements.map((sql) => harness.write(sql)), insert(1));
    assert.deepEqual(codes(answers), ["done", "done", "REFUSED", "REFUSED", "REFUSED", "done"]);
  });

  it("tells of changes of the schema", () => {
    const before = Atomics.load(harness.data.schemaEpoch, 0);
    work(insert(1));
    assert.equal(Atomics.load(harness.data.schemaEpoch, 0), before);
    work(harness.write("ALTER TABLE t ADD COLUMN b"));
    assert.ok(Atomics.load(harness.data.schemaEpoch, 0) > before);
  });

  it("takes what arrives while it works", () => {
    arriving = [[], [insert(2)], [insert(3)]];
    assert.deepEqual(codes(work(insert(1))), ["done", "done", "done"]);
  });

  it("waits for another process to let the database go, but not for what is cancelled meanwhile", () => {
    const other = harness.open();
    other.exec("BEGIN IMMEDIATE");
    const [cancelled, kept] = [insert(1), insert(2)];
    let looks = 0;
    thread.close();
    thread = new WriterThread(harness.data, harness.context, () => {
      looks += 1;
      if (looks === 2) harness.states.withdraw(cancelled.slot);
      if (looks === 3) other.exec("COMMIT");
    });
    const answers = work(cancelled, kept);
    assert.deepEqual(codes(answers), ["CANCELLED", "done"]);
    assert.equal(answers[1]?.slot, kept.slot);
  });

  it("answers all with what is wrong when it can't open the database", () => {
    const nowhere = { ...harness.data, path: "/nowhere/a.db" };
    const broken = new WriterThread(nowhere, harness.context, () => {});
    for (const request of [insert(1), insert(2), begin()]) broken.take(request);
    broken.work();
    assert.deepEqual(codes(harness.taken()), ["SQLITE_CANTOPEN", "SQLITE_CANTOPEN", "SQLITE_CANTOPEN"]);
    broken.close();
  });

  it("streams within a transaction", () => {
    const first = begin();
    work(insert(1), insert(2), insert(3));
    work(first);
    const open = harness.request(REQUEST.open, "SELECT a FROM t", [], { session: first.slot, limit: 2 });
    assert.deepEqual(work(open)[0]?.rows, [[1], [2]]);
    assert.deepEqual(work(harness.request(REQUEST.next, "", [], { slot: open.slot }))[0]?.rows, [[3]]);
    assert.deepEqual(codes(work(harness.request(REQUEST.close, "", [], { slot: open.slot }))), ["done"]);
    work(end(REQUEST.commit, first));
  });

  it("takes locks and lets them go, also while a transaction is under way", () => {
    const lock = (): ThreadRequest => harness.request(REQUEST.lock, "migrations");
    assert.equal(work(lock())[0]?.affectedRows, 1);
    assert.equal(work(lock())[0]?.affectedRows, 0);
    const first = begin(BEGIN.none);
    work(first);
    assert.deepEqual(codes(work(harness.request(REQUEST.unlock, "migrations"))), ["done"]);
    work(end(REQUEST.rollback, first));
    assert.equal(work(lock())[0]?.affectedRows, 1);
  });

  it("stops when it is doomed, and commits nothing", () => {
    harness.states.doom();
    assert.throws(() => work(insert(1)), Doomed);
    thread.close();
    const rows = harness.open().prepare("SELECT a FROM t").iterate([]);
    assert.equal(rows.next().done, true);
  });
});
