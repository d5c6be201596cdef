import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { narrowed } from "../../../../../src/pools/database/sqlite/prepared-statement.ts";
import { ThreadHarness } from "./thread-harness.ts";

describe("PreparedStatement", () => {
  const harness = new ThreadHarness();
  const connection = harness.open();
  after(() => harness.close());
  connection.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE)");

  it("tells what changed, and the key only of what was inserted", () => {
    const change = (sql: string): unknown => connection.prepare(sql).change([]);
    assert.deepEqual(change("INSERT INTO t (a) VALUES ('x'), ('y')"), { affectedRows: 2, lastInsertId: 2 });
    assert.deepEqual(change("INSERT OR IGNORE INTO t (a) VALUES ('x')"), {
      affectedRows: 0,
      lastInsertId: null,
    });
    assert.deepEqual(change("UPDATE t SET a = a || 'z'"), { affectedRows: 2, lastInsertId: null });
    assert.deepEqual(change("CREATE TABLE u (a)"), { affectedRows: 0, lastInsertId: null });
  });

  it("knows an upsert", () => {
    assert.equal(connection.prepare("INSERT INTO t (a) VALUES (?)").isUpsert, false);
    const upsert = "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET a = 'q'";
    assert.equal(connection.prepare(upsert).isUpsert, true);
  });

  it("reads integers as bigint only when it is told to, or can't be run twice", () => {
    assert.equal(connection.prepare("SELECT id FROM t").readsBigInts, false);
    assert.equal(connection.prepare("DELETE FROM t WHERE id = 0 RETURNING id").readsBigInts, true);
    const statement = connection.prepareApart("SELECT 1 AS a, 9007199254740993 AS b");
    statement.readBigInts();
    const values: unknown[] = [];
    statement.append(statement.iterate([]).next().value, values);
    assert.deepEqual(values, [1, 9_007_199_254_740_993n]);
  });

  it("announces its columns once, and anew when their number has changed", () => {
    connection.exec("CREATE TABLE v (a); INSERT INTO v VALUES (1)");
    const statement = connection.prepareApart("SELECT * FROM v");
    const id = statement.columns();
    assert.equal(statement.columns(), id);
    connection.exec("ALTER TABLE v ADD COLUMN b DEFAULT 2");
    const rows = statement.iterate([]);
    statement.append(rows.next().value, []);
    rows.return?.();
    assert.notEqual(statement.columns(), id);
  });

  it("makes numbers of bigints that are safe", () => {
    assert.equal(narrowed(9_007_199_254_740_991n), 9_007_199_254_740_991);
    assert.equal(narrowed(-9_007_199_254_740_992n), -9_007_199_254_740_992n);
  });
});
