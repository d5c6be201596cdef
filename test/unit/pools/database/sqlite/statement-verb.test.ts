import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSeveral, verbOf } from "../../../../../src/pools/database/sqlite/statement-verb.ts";

describe("verbOf", () => {
  const statements = {
    "SELECT 1": "select",
    " /* a */ -- b\n values (1)": "select",
    "EXPLAIN QUERY PLAN DELETE FROM t": "select",
    "insert into t values (1)": "insert",
    "REPLACE INTO t VALUES (1)": "insert",
    "UPDATE t SET a = 1": "update",
    "DELETE FROM t": "delete",
    "CREATE TABLE t (a)": "schema",
    "WITH a AS (SELECT 1) SELECT * FROM a": "select",
    "WITH a (x) AS (DELETE) INSERT INTO t SELECT * FROM a": "insert",
    "WITH RECURSIVE \"insert\" AS (SELECT ')') UPDATE t SET a = 1": "update",
    WITH: "select",
    "PRAGMA user_version": "alone",
    VACUUM: "alone",
    "": "alone",
    "-- nothing": "alone",
    "SAVEPOINT a": "savepoint",
    "ROLLBACK TRANSACTION TO a": "savepoint",
    "rollback to a": "savepoint",
    ROLLBACK: "transaction",
    "BEGIN IMMEDIATE": "transaction",
    COMMIT: "transaction",
    "END TRANSACTION": "transaction",
  };
  for (const [sql, verb] of Object.entries(statements)) {
    it(`says ${verb} of ${JSON.stringify(sql)}`, () => assert.equal(verbOf(sql), verb));
  }
});

describe("isSeveral", () => {
  it("finds a statement behind another", () => {
    assert.equal(isSeveral("SELECT 1; SELECT 2"), true);
    assert.equal(isSeveral("SELECT ';'; x"), true);
  });

  it("takes no semicolon that ends, is quoted, or is within a trigger for a second one", () => {
    for (const sql of ["SELECT 1", "SELECT 1; -- done", "SELECT ';' AS \"a;b\"; /* ; */ "])
      assert.equal(isSeveral(sql), false);
    assert.equal(isSeveral("CREATE TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM u; END"), false);
    assert.equal(isSeveral("create temp trigger a AFTER INSERT ON t BEGIN DELETE FROM u; END"), false);
  });
});
