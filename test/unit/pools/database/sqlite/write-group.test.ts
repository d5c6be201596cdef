import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SqliteConnection } from "../../../../../src/pools/database/sqlite/sqlite-connection.ts";
import { runWriteGroup } from "../../../../../src/pools/database/sqlite/write-group.ts";
import { type Answer, ThreadHarness } from "./thread-harness.ts";

describe("runWriteGroup", () => {
  let harness: ThreadHarness;
  let connection: SqliteConnection;
  let isDoomed = false;

  beforeEach(() => {
    harness = new ThreadHarness();
    connection = harness.open();
    connection.exec(
      "CREATE TABLE t (a INTEGER PRIMARY KEY, b UNIQUE ON CONFLICT ROLLBACK, " +
        "c REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED); INSERT INTO t VALUES (1, 1, NULL)",
    );
    isDoomed = false;
  });
  afterEach(() => harness.close());

  function group(...statements: string[]): Answer[] {
    const requests = statements.map((sql) => harness.write(sql));
    for (const { slot } of requests) harness.states.start(slot);
    const source = { take: () => requests.shift(), isDoomed: () => isDoomed };
    // A group is closed after some time, and the rest is taken by the next one.
    while (requests.length > 0) {
      connection.exec("BEGIN IMMEDIATE");
      runWriteGroup(connection, harness.context, source, () => {
        connection.exec("BEGIN IMMEDIATE");
        return true;
      });
    }
    return harness.taken();
  }
  const outcomes = (answers: Answer[]): unknown[] =>
    answers.map(({ code, affectedRows }) => code ?? affectedRows);
  const stored = (): unknown[] => {
    const found: unknown[] = [];
    for (const [a] of {
      [Symbol.iterator]: () => harness.open().prepare("SELECT a FROM t ORDER BY a").iterate([]),
    })
      found.push(a);
    return found;
  };

  it("commits all that succeed, and keeps the failures apart", () => {
    const answers = group(
      "INSERT INTO t (a) VALUES (2)",
      "INSERT INTO t (a) VALUES (1)",
      "SELEC",
      "INSERT INTO t (a) SELECT column1 FROM (VALUES (3), (1))",
      "INSERT INTO t (a) VALUES (4)",
    );
    assert.deepEqual(outcomes(answers), [
      1,
      "SQLITE_CONSTRAINT_PRIMARYKEY",
      "SQLITE_ERROR",
      "SQLITE_CONSTRAINT_PRIMARYKEY",
      1,
    ]);
    assert.deepEqual(stored(), [1, 2, 4]);
    assert.equal(connection.isTransaction, false);
  });

  it("keeps what OR FAIL has done, as it would be kept alone", () => {
    const answers = group("INSERT OR FAIL INTO t (a) SELECT column1 FROM (VALUES (3), (1))");
    assert.deepEqual(outcomes(answers), ["SQLITE_CONSTRAINT_PRIMARYKEY"]);
    assert.deepEqual(stored(), [1, 3]);
  });

  it("loses nobody else's when one rolls back the transaction", () => {
    const answers = group(
      "INSERT INTO t (a) VALUES (2)",
      "INSERT INTO t (a, b) VALUES (3, 1)",
      "INSERT INTO t (a) VALUES (4)",
    );
    assert.deepEqual(outcomes(answers), [1, "SQLITE_CONSTRAINT_UNIQUE", 1]);
    assert.deepEqual(stored(), [1, 2, 4]);
  });

  it("finds out whose deferred constraint fails the commit", () => {
    const answers = group(
      "INSERT INTO t (a) VALUES (2)",
      "INSERT INTO t (a, c) VALUES (3, 99)",
      "INSERT INTO t (a, c) VALUES (4, 1)",
    );
    assert.deepEqual(outcomes(answers), [1, "SQLITE_CONSTRAINT_FOREIGNKEY", 1]);
    assert.deepEqual(stored(), [1, 2, 4]);
  });

  it("answers one alone whose commit fails, or that rolled back", () => {
    assert.deepEqual(outcomes(group("INSERT INTO t (a, c) VALUES (3, 99)")), [
      "SQLITE_CONSTRAINT_FOREIGNKEY",
    ]);
    assert.deepEqual(outcomes(group("INSERT INTO t (a, b) VALUES (3, 1)")), ["SQLITE_CONSTRAINT_UNIQUE"]);
    assert.equal(connection.isTransaction, false);
  });

  it("commits nothing once the thread is doomed", () => {
    isDoomed = true;
    group("INSERT INTO t (a) VALUES (2)");
    assert.equal(connection.isTransaction, true);
    connection.rollback();
    assert.deepEqual(stored(), [1]);
  });

  it("sees what was created earlier in the group", () => {
    const answers = group("CREATE TABLE u (a)", "INSERT INTO u VALUES (1)", "SELECT a FROM u");
    assert.deepEqual(answers[2]?.rows, [[1]]);
  });
});
