import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verbOf } from "../../../../../src/pools/database/sqlite/statement-verb.ts";

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
