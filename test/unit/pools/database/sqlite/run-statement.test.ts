import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { runStatement } from "../../../../../src/pools/database/sqlite/run-statement.ts";
import { REQUEST } from "../../../../../src/pools/database/sqlite/thread-protocol.ts";
import { ThreadHarness } from "./thread-harness.ts";

describe("runStatement", () => {
  const harness = new ThreadHarness();
  const connection = harness.open();
  after(() => harness.close());
  connection.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER UNIQUE); BEGIN");
  const run = (sql: string, params: number[] = [], limit = 1_000): unknown => {
    runStatement(
      connection,
      harness.request(REQUEST.write, sql, params, { limit, slot: 9 }),
      harness.context,
    );
    const [{ slot, ...answer } = { slot: 0 }] = harness.taken();
    assert.equal(slot, 9);
    return answer;
  };

  it("answers what a statement did", () => {
    assert.deepEqual(run("INSERT INTO t (a) VALUES (?)", [1]), { affectedRows: 1, lastInsertId: 1 });
  });

  it("answers with rows, also with integers that are no safe numbers", () => {
    const answer = { isEnd: true, affectedRows: 0, lastInsertId: null };
    assert.deepEqual(run("SELECT a FROM t"), { rows: [[1]], ...answer });
    for (let time = 0; time < 2; time++)
      assert.deepEqual(run("SELECT 1, 9007199254740993"), { rows: [[1, 9_007_199_254_740_993n]], ...answer });
  });

  it("answers with the rows of a change, and what it changed", () => {
    const sql = "INSERT INTO t (a) VALUES (?) RETURNING id, a";
    assert.deepEqual(run(sql, [5]), { rows: [[2, 5]], isEnd: true, affectedRows: 1, lastInsertId: 2 });
    const nothing = "DELETE FROM t WHERE a = 99 RETURNING a";
    assert.deepEqual(run(nothing), { rows: [], isEnd: true, affectedRows: 0, lastInsertId: null });
  });

  it("gives the key of an upsert only where it inserted", () => {
    const sql = "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET a = excluded.a";
    assert.deepEqual(run(sql, [5]), { affectedRows: 1, lastInsertId: null });
    assert.deepEqual(run(sql, [6]), { affectedRows: 1, lastInsertId: 3 });
  });

  it("gives no stranger's key where a table has none, and the same key again where it is", () => {
    connection.exec(
      "CREATE TABLE w (k INTEGER PRIMARY KEY) WITHOUT ROWID; CREATE TABLE r (k INTEGER PRIMARY KEY)",
    );
    assert.deepEqual(run("INSERT INTO r VALUES (?)", [7]), { affectedRows: 1, lastInsertId: 7 });
    assert.deepEqual(run("INSERT INTO w VALUES (?)", [1]), { affectedRows: 1, lastInsertId: null });
    const returning = run("INSERT INTO w VALUES (?) RETURNING k", [2]) as { lastInsertId: unknown };
    assert.equal(returning.lastInsertId, null);
    run("DELETE FROM r");
    assert.deepEqual(run("INSERT INTO r VALUES (?)", [7]), { affectedRows: 1, lastInsertId: 7 });
  });

  it("stops at one row too many, and undoes a change that gave it", () => {
    const tooMany = { code: "TOO_MANY_ROWS", message: "there are more than 1 rows" };
    assert.deepEqual(run("SELECT a FROM t", [], 1), tooMany);
    assert.deepEqual(run("DELETE FROM t RETURNING a", [], 1), tooMany);
    assert.deepEqual((run("SELECT count(*) FROM t") as { rows: unknown }).rows, [[3]]);
  });

  it("stops at the next row when it is cancelled", () => {
    const request = harness.request(REQUEST.read, "SELECT a FROM t");
    harness.states.cancel(request.slot);
    assert.notEqual(runStatement(connection, request, harness.context), undefined);
    assert.equal(harness.taken()[0]?.code, "CANCELLED");
  });

  it("answers what failed, with its code, and can run it again", () => {
    assert.deepEqual(run("INSERT INTO t (a) VALUES (1)"), {
      code: "SQLITE_CONSTRAINT_UNIQUE",
      message: "UNIQUE constraint failed: t.a",
    });
    const sql = "INSERT INTO t (a) VALUES (?) RETURNING a";
    assert.equal((run(sql, [1]) as { code: string }).code, "SQLITE_CONSTRAINT_UNIQUE");
    assert.deepEqual((run(sql, [7]) as { rows: unknown }).rows, [[7]]);
    assert.equal((run("SELEC") as { code: string }).code, "SQLITE_ERROR");
  });
});
