import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Dialect } from "../../../../src/pools/database/database.ts";
import { planStatement } from "../../../../src/pools/database/placeholders.ts";

const ALL: readonly Dialect[] = ["sqlite", "postgres", "mysql"];

function planned(sql: string, dialect: Dialect): { sql: string; count: number; order?: readonly number[] } {
  const { sql: text, count, order } = planStatement(sql, dialect);
  return order === undefined ? { sql: text, count } : { sql: text, count, order };
}

describe("planStatement", () => {
  it("numbers question marks for PostgreSQL, and leaves them to the others", () => {
    const sql = "SELECT a FROM t WHERE b = ? AND c IN (?,?)";
    assert.deepEqual(planned(sql, "postgres"), {
      sql: "SELECT a FROM t WHERE b = $1 AND c IN ($2,$3)",
      count: 3,
    });
    assert.deepEqual(planned(sql, "mysql"), { sql, count: 3 });
    assert.deepEqual(planned(sql, "sqlite"), { sql, count: 3 });
  });

  it("takes numbers in any order, and more than once, in all of them", () => {
    const sql = "SELECT $2, $1, $2";
    assert.deepEqual(planned(sql, "postgres"), { sql, count: 2 });
    assert.deepEqual(planned(sql, "sqlite"), { sql: "SELECT ?2, ?1, ?2", count: 2 });
    assert.deepEqual(planned(sql, "mysql"), { sql: "SELECT ?, ?, ?", count: 2, order: [1, 0, 1] });
    assert.deepEqual(planned("SELECT ?2, ?1", "sqlite"), { sql: "SELECT ?2, ?1", count: 2 });
  });

  it("counts as many as there are", () => {
    const numbers = Array.from({ length: 200_000 }, (_, at) => `$${at + 1}`);
    for (const dialect of ALL)
      assert.equal(planStatement(`SELECT ${numbers.join(", ")}`, dialect).count, 200_000);
  });

  it("takes nothing in quotes, comments and names for a placeholder", () => {
    for (const dialect of ALL) {
      const sql = "SELECT '?$1', a$1, \"?\" /* ? $2 */ FROM t -- ?";
      assert.deepEqual(planned(sql, dialect), { sql, count: 0 });
    }
  });

  it("knows PostgreSQL's operators with a question mark", () => {
    assert.deepEqual(planned("SELECT doc ?? 'a' AND x = ?", "postgres"), {
      sql: "SELECT doc ? 'a' AND x = $1",
      count: 1,
    });
    assert.deepEqual(planned("SELECT doc ?| ARRAY['a'], doc ?& ARRAY['a'], ?||'x'", "postgres"), {
      sql: "SELECT doc ?| ARRAY['a'], doc ?& ARRAY['a'], $1||'x'",
      count: 1,
    });
    const own = planStatement("SELECT doc ? 'a' AND x = $1", "postgres");
    assert.equal(own.sql, "SELECT doc ? 'a' AND x = $1");
    assert.equal(own.count, 1);
    assert.ok(own.isMixed);
  });

  it("refuses two styles in one statement", () => {
    for (const dialect of ["sqlite", "mysql"] as const)
      assert.throws(() => planStatement("SELECT ?, $1", dialect), { code: "SLUICE_MIXED_PLACEHOLDERS" });
  });

  it("refuses SQLite's named placeholders, which would be NULL", () => {
    for (const sql of ["SELECT :name", "SELECT @name", "SELECT $name"])
      assert.throws(() => planStatement(sql, "sqlite"), {
        code: "SLUICE_QUERY_FAILED",
        message: /character 8/,
      });
    assert.equal(planStatement("SELECT a::text, b:c", "postgres").count, 0);
    assert.equal(planStatement("SELECT @variable", "mysql").count, 0);
  });

  it("has no placeholder with the number 0", () => {
    assert.deepEqual(planned("SELECT $0", "postgres"), { sql: "SELECT $0", count: 0 });
  });

  for (const [sql, access] of [
    ["SELECT 1", "read"],
    [" -- first\n /* x */ (select 1)", "read"],
    ["VALUES (1)", "read"],
    ["EXPLAIN SELECT 1", "read"],
    ["WITH a AS (SELECT 1) SELECT * FROM a", "read"],
    ["WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", "write"],
    ["with a as (delete from t returning *) select * from a", "write"],
    ["INSERT INTO t VALUES (1)", "write"],
    ["PRAGMA journal_mode = WAL", "write"],
    ["selection", "write"],
    ["", "write"],
  ] as const) {
    it(`takes ${JSON.stringify(sql)} for a ${access}`, () => {
      assert.equal(planStatement(sql, "sqlite").access, access);
    });
  }

  it("keeps all text that isn't a placeholder, and counts those that are", () => {
    const fragment = fc.constantFrom(
      "SELECT ",
      "'a?''b'",
      '"q?"',
      " /* ? */ ",
      " -- ?\n",
      "a$1",
      " , ",
      "? ",
      "(?)",
      "\u00e9",
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 20 }), (fragments) => {
        const sql = fragments.join(" ");
        const expected = fragments.filter((text) => text === "? " || text === "(?)").length;
        const plan = planStatement(sql, "postgres");
        assert.equal(plan.count, expected);
        assert.equal(planStatement(plan.sql, "postgres").count, expected);
        let position = 0;
        const rebuilt = fragments
          .map((text) => {
            if (text !== "? " && text !== "(?)") return text;
            position += 1;
            return text.replace("?", `$${position}`);
          })
          .join(" ");
        assert.equal(plan.sql, rebuilt);
      }),
    );
  });
});
