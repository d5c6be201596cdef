import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { transactionVerbOf } from "../../../../src/pools/database/transaction-verb.ts";

const DIALECTS = ["sqlite", "postgres", "mysql"] as const;

describe("transactionVerbOf", () => {
  it("knows what begins or ends a transaction", () => {
    const begins = [
      "BEGIN",
      "begin work;",
      "BEGIN IMMEDIATE",
      "START TRANSACTION READ ONLY",
      "/* x */ Begin",
    ];
    const ends = ["COMMIT", "commit and chain", "END", "ROLLBACK", "rollback work", "-- x\nROLLBACK;"];
    for (const sql of [...begins, ...ends])
      for (const dialect of DIALECTS)
        assert.equal(transactionVerbOf(sql, dialect), "transaction", `${dialect}: ${sql}`);
    assert.equal(transactionVerbOf("ABORT", "postgres"), "transaction");
    assert.equal(transactionVerbOf("PREPARE TRANSACTION 'x'", "postgres"), "transaction");
    for (const sql of ["SET autocommit = 0", "SET SESSION autocommit=0", "SET @@session.autocommit = OFF"])
      assert.equal(transactionVerbOf(sql, "mysql"), "transaction", sql);
  });

  it("knows savepoints", () => {
    for (const sql of ["SAVEPOINT a", "RELEASE SAVEPOINT a", "ROLLBACK TO a", "rollback work to savepoint a"])
      for (const dialect of DIALECTS)
        assert.equal(transactionVerbOf(sql, dialect), "savepoint", `${dialect}: ${sql}`);
  });

  it("lets everything else be", () => {
    const others = ["", "SELECT 'BEGIN'", "INSERT INTO t VALUES (1)", "CREATE PROCEDURE p() BEGIN END"];
    for (const sql of [...others, "COMMIT PREPARED 'x'", "ROLLBACK PREPARED 'x'", "START REPLICA"])
      for (const dialect of DIALECTS) assert.equal(transactionVerbOf(sql, dialect), undefined, sql);
    assert.equal(transactionVerbOf("BEGIN NOT ATOMIC SELECT 1; END", "mysql"), undefined);
    assert.equal(transactionVerbOf("PREPARE transaction FROM 'SELECT 1'", "mysql"), undefined);
    assert.equal(transactionVerbOf("SET GLOBAL autocommit = 1", "mysql"), undefined);
  });
});
