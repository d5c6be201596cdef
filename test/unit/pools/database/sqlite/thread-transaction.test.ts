import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Doomed } from "../../../../../src/pools/database/sqlite/call-states.ts";
import { OpenStreams } from "../../../../../src/pools/database/sqlite/open-streams.ts";
import type { SqliteConnection } from "../../../../../src/pools/database/sqlite/sqlite-connection.ts";
import {
  BEGIN,
  REQUEST,
  type RequestKind,
} from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { ThreadTransaction } from "../../../../../src/pools/database/sqlite/thread-transaction.ts";
import { type Answer, ThreadHarness } from "./thread-harness.ts";

describe("ThreadTransaction", () => {
  let harness: ThreadHarness;
  let connection: SqliteConnection;
  let transaction: ThreadTransaction;

  beforeEach(() => {
    harness = new ThreadHarness();
    connection = harness.open();
    connection.exec("CREATE TABLE t (a INTEGER UNIQUE ON CONFLICT ROLLBACK)");
  });
  afterEach(() => harness.close());

  function begin(mode: number): void {
    if (mode === BEGIN.write) connection.exec("BEGIN IMMEDIATE");
    const request = harness.request(REQUEST.begin, "", [], { limit: mode });
    transaction = new ThreadTransaction(
      request,
      connection,
      harness.context,
      new OpenStreams(harness.context),
    );
    assert.equal(transaction.begin(), true);
    assert.equal(harness.taken()[0]?.slot, transaction.session);
  }
  function run(kind: RequestKind, sql = "", limit = 2): Answer | undefined {
    const isEnding = transaction.run(harness.request(kind, sql, [], { session: transaction.session, limit }));
    assert.equal(isEnding, kind === REQUEST.commit || kind === REQUEST.rollback);
    return harness.taken()[0];
  }
  const count = (): unknown => harness.open().prepare("SELECT count(*) FROM t").iterate([]).next().value?.[0];

  it("commits", () => {
    begin(BEGIN.write);
    assert.equal(run(REQUEST.write, "INSERT INTO t VALUES (1)")?.affectedRows, 1);
    assert.equal(count(), 0);
    assert.equal(run(REQUEST.commit)?.code, undefined);
    assert.equal(count(), 1);
  });

  it("rolls back", () => {
    begin(BEGIN.write);
    run(REQUEST.write, "INSERT INTO t VALUES (1)");
    run(REQUEST.rollback);
    assert.equal(connection.isTransaction, false);
    assert.equal(count(), 0);
  });

  it("runs nothing more once SQLite has rolled back, and doesn't commit", () => {
    begin(BEGIN.write);
    run(REQUEST.write, "INSERT INTO t VALUES (1)");
    assert.equal(run(REQUEST.write, "INSERT INTO t VALUES (1)")?.code, "SQLITE_CONSTRAINT_UNIQUE");
    assert.match(run(REQUEST.write, "INSERT INTO t VALUES (2)")?.message ?? "", /has rolled back/);
    assert.equal(run(REQUEST.commit)?.code, "SQLITE_CONSTRAINT_UNIQUE");
    assert.equal(count(), 0);
  });

  it("takes savepoints, but not statements that end it", () => {
    begin(BEGIN.write);
    for (const sql of ["COMMIT", "ROLLBACK", "END", "BEGIN"])
      assert.equal(run(REQUEST.write, sql)?.code, "REFUSED");
    run(REQUEST.write, "SAVEPOINT a");
    run(REQUEST.write, "INSERT INTO t VALUES (1)");
    assert.equal(run(REQUEST.write, "ROLLBACK TO a")?.code, undefined);
    run(REQUEST.commit);
    assert.equal(count(), 0);
  });

  it("ends its streams with itself", () => {
    begin(BEGIN.write);
    run(REQUEST.write, "INSERT INTO t VALUES (1), (2), (3)");
    assert.equal(run(REQUEST.open, "SELECT a FROM t")?.rows?.length, 2);
    assert.equal(run(REQUEST.commit)?.code, undefined);
    assert.equal(count(), 3);
  });

  it("sees the database as it was when it began to read", () => {
    begin(BEGIN.read);
    harness.open().exec("INSERT INTO t VALUES (1)");
    assert.deepEqual(run(REQUEST.read, "SELECT count(*) FROM t")?.rows, [[0]]);
    run(REQUEST.commit);
    assert.equal(connection.isTransaction, false);
  });

  it("knows whether it may have changed the schema", () => {
    begin(BEGIN.write);
    run(REQUEST.write, "INSERT INTO t VALUES (1)");
    assert.equal(transaction.changedSchema, false);
    run(REQUEST.write, "CREATE TABLE u (a)");
    assert.equal(transaction.changedSchema, true);
    transaction.abandon();
  });

  it("runs scripts with transactions of their own, and leaves none open", () => {
    begin(BEGIN.none);
    assert.equal(
      run(REQUEST.script, "BEGIN; INSERT INTO t VALUES (1); COMMIT; BEGIN; DELETE FROM t")?.code,
      undefined,
    );
    assert.equal(run(REQUEST.script, "SELEC")?.code, "SQLITE_ERROR");
    run(REQUEST.rollback);
    assert.equal(connection.isTransaction, false);
    assert.equal(count(), 1);
  });

  describe("while another connection writes", () => {
    let other: SqliteConnection;
    // Asked each time that the database was found busy.
    let isCancelled: () => boolean;

    beforeEach(() => {
      other = harness.open();
      other.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (0)");
      isCancelled = () => assert.fail("not busy");
      const states = Object.assign(Object.create(harness.states), { isCancelled: () => isCancelled() });
      harness.context.states = states;
      begin(BEGIN.none);
    });

    it("waits with a script until that is done", () => {
      isCancelled = () => {
        other.exec("COMMIT");
        return false;
      };
      assert.equal(run(REQUEST.script, "CREATE TABLE IF NOT EXISTS u (a)")?.code, undefined);
    });

    it("has the lock from where a script begins a transaction", () => {
      isCancelled = () => {
        other.exec("COMMIT");
        return false;
      };
      assert.equal(run(REQUEST.script, "BEGIN IMMEDIATE")?.code, undefined);
      assert.throws(() => other.exec("BEGIN IMMEDIATE"), /locked/);
      assert.equal(
        run(REQUEST.script, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")?.code,
        undefined,
      );
      assert.equal(run(REQUEST.script, "COMMIT")?.code, undefined);
      assert.equal(count(), 3);
    });

    it("stops waiting when it is cancelled, or its thread is to end", () => {
      isCancelled = () => true;
      assert.equal(run(REQUEST.script, "BEGIN IMMEDIATE")?.code, "CANCELLED");
      assert.equal(connection.isTransaction, false);
      harness.states.doom();
      assert.throws(() => run(REQUEST.script, "BEGIN IMMEDIATE"), Doomed);
    });

    it("runs nothing twice", () => {
      const answer = run(REQUEST.script, "SELECT 1; INSERT INTO t VALUES (1)");
      assert.equal(answer?.code, "SQLITE_BUSY");
    });
  });
});
