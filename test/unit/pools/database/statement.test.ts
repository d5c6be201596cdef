import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Statements } from "../../../../src/pools/database/statement.ts";

describe("Statements", () => {
  it("makes a statement of a text and its parameters, again and again", () => {
    const statements = new Statements("postgres", "test");
    for (const id of [1, 2]) {
      assert.deepEqual(statements.statement("SELECT a FROM t WHERE id = ?", [id], 7), {
        sql: "SELECT a FROM t WHERE id = $1",
        params: [id],
        access: "read",
        maxRows: 7,
      });
    }
  });

  it("puts parameters where MySQL needs them", () => {
    const statements = new Statements("mysql", "test");
    assert.deepEqual(statements.statement("SELECT $2, $1, $2", ["a", "b"], 1).params, ["b", "a", "b"]);
  });

  it("counts parameters", () => {
    const statements = new Statements("sqlite", "test");
    assert.throws(() => statements.statement("SELECT ?", [], 1), {
      code: "SLUICE_PARAMETER_COUNT",
      message: /: 0 for 1\.$/,
    });
    assert.throws(() => statements.statement("SELECT ?", [1, 2], 1), { message: /: 2 for 1\.$/ });
    assert.throws(() => statements.statement("SELECT $3", [1, 2], 1), { message: /: 2 for 3\.$/ });
  });

  it("takes question marks for operators only where the numbered parameters are all there", () => {
    const statements = new Statements("postgres", "test");
    assert.equal(statements.statement("SELECT d ? 'a', $1", [1], 1).sql, "SELECT d ? 'a', $1");
    assert.throws(() => statements.statement("SELECT ?, $1", [1, 2], 1), {
      code: "SLUICE_MIXED_PLACEHOLDERS",
    });
  });

  it("says what is wrong with what isn't a text", () => {
    const statements = new Statements("sqlite", "test");
    for (const sql of [undefined, null, 5, {}])
      assert.throws(() => statements.statement(sql as unknown as string, [], 1), {
        code: "SLUICE_QUERY_FAILED",
        message: /test says that a statement is a string/,
      });
  });

  it("works with any number of texts, also very long ones", () => {
    const statements = new Statements("postgres", "test");
    for (let n = 0; n < 3_000; n++) {
      assert.equal(statements.statement(`SELECT ${n}, ?`, [n], 1).sql, `SELECT ${n}, $1`);
    }
    const long = `SELECT '${"x".repeat(100_000)}', ?`;
    assert.equal(statements.statement(long, [1], 1).sql, long.replace("?", "$1"));
  });
});
