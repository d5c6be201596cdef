import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Statements } from "../../../../src/pools/database/statement.ts";

describe("Statements", () => {
  it("makes a statement of a text and its parameters, again and again", () => {
    const statements = new Statements("postgres", "test");
    for (const id of [1, 2]) {
      assert.deepEqual(statements.statement("SELECT a FROM t WHERE id = ?", [id], 7, "pool"), {
        sql: "SELECT a FROM t WHERE id = $1",
        params: [id],
        access: "read",
        maxRows: 7,
      });
    }
  });

  it("puts parameters where MySQL needs them", () => {
    const statements = new Statements("mysql", "test");
    assert.deepEqual(statements.statement("SELECT $2, $1, $2", ["a", "b"], 1, "pool").params, [
      "b",
      "a",
      "b",
    ]);
  });

  it("counts parameters", () => {
    const statements = new Statements("sqlite", "test");
    assert.throws(() => statements.statement("SELECT ?", [], 1, "pool"), {
      code: "SLUICE_PARAMETER_COUNT",
      message: /: 0 for 1\.$/,
    });
    assert.throws(() => statements.statement("SELECT ?", [1, 2], 1, "pool"), { message: /: 2 for 1\.$/ });
    assert.throws(() => statements.statement("SELECT $3", [1, 2], 1, "pool"), { message: /: 2 for 3\.$/ });
  });

  it("refuses more placeholders than can be sent", () => {
    const sql = (count: number): string => `SELECT ${new Array(count).fill("?").join(",")}`;
    for (const dialect of ["postgres", "mysql"] as const) {
      const statements = new Statements(dialect, "test");
      const params = new Array(65_535).fill(1);
      assert.equal(statements.statement(sql(65_535), params, 1, "pool").params.length, 65_535);
      assert.throws(() => statements.statement(sql(65_536), [...params, 1], 1, "pool"), {
        code: "SLUICE_QUERY_FAILED",
        message: /it has 65536 placeholders, and 65535 are/,
      });
    }
    // What is numbered twice MySQL is sent twice.
    const twice = `SELECT ${new Array(65_536).fill("$1").join(",")}`;
    assert.throws(() => new Statements("mysql", "test").statement(twice, [1], 1, "pool"), {
      code: "SLUICE_QUERY_FAILED",
    });
  });

  it("refuses values that can't be sent, by the positions that they were given at", () => {
    const statements = new Statements("mysql", "test");
    assert.throws(() => statements.statement("SELECT $2, $1", [2n ** 64n, 1], 1, "pool"), {
      code: "SLUICE_INVALID_PARAMETER",
      message: /parameter 1 is a bigint/,
    });
  });

  it("refuses what begins or ends a transaction, each time, and savepoints outside of one", () => {
    const statements = new Statements("postgres", "test");
    for (let time = 0; time < 2; time++) {
      for (const sql of ["BEGIN", "COMMIT", "SAVEPOINT a"])
        assert.throws(() => statements.statement(sql, [], 1, "pool"), {
          code: "SLUICE_QUERY_FAILED",
          message: /it begins or ends a transaction; use transaction\(\)/,
        });
      for (const sql of ["COMMIT", "ROLLBACK"])
        assert.throws(() => statements.statement(sql, [], 1, "transaction"), {
          code: "SLUICE_QUERY_FAILED",
          message: /a transaction ends with its function/,
        });
      assert.equal(statements.statement("SAVEPOINT a", [], 1, "transaction").sql, "SAVEPOINT a");
    }
  });

  it("takes question marks for operators only where the numbered parameters are all there", () => {
    const statements = new Statements("postgres", "test");
    assert.equal(statements.statement("SELECT d ? 'a', $1", [1], 1, "pool").sql, "SELECT d ? 'a', $1");
    assert.throws(() => statements.statement("SELECT ?, $1", [1, 2], 1, "pool"), {
      code: "SLUICE_MIXED_PLACEHOLDERS",
    });
  });

  it("says what is wrong with what isn't a text", () => {
    const statements = new Statements("sqlite", "test");
    for (const sql of [undefined, null, 5, {}])
      assert.throws(() => statements.statement(sql as unknown as string, [], 1, "pool"), {
        code: "SLUICE_QUERY_FAILED",
        message: /test says that a statement is a string/,
      });
  });

  it("works with any number of texts, also very long ones", () => {
    const statements = new Statements("postgres", "test");
    for (let n = 0; n < 3_000; n++) {
      assert.equal(statements.statement(`SELECT ${n}, ?`, [n], 1, "pool").sql, `SELECT ${n}, $1`);
    }
    const long = `SELECT '${"x".repeat(100_000)}', ?`;
    assert.equal(statements.statement(long, [1], 1, "pool").sql, long.replace("?", "$1"));
  });
});
