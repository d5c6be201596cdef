import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Dialect } from "../../../../src/pools/database/database.ts";
import { isDigitCode, isWordCode, scanSql, wordEnd } from "../../../../src/pools/database/sql-scanner.ts";

/** What is left of a statement without what is quoted and without comments. */
function visited(sql: string, dialect: Dialect): string {
  let text = "";
  scanSql(sql, dialect, (_, at) => {
    text += sql[at];
    return at + 1;
  });
  return text;
}

const ALL: readonly Dialect[] = ["sqlite", "postgres", "mysql"];

describe("scanSql", () => {
  for (const [sql, left, dialects] of [
    ["a 'x' b", "a  b", ALL],
    ["a 'it''s' b", "a  b", ALL],
    ['a "x" b', "a  b", ALL],
    ['a "x""y" b', "a  b", ALL],
    ["a `x` b", "a  b", ["sqlite", "mysql"]],
    ["a `x` b", "a `x` b", ["postgres"]],
    ["a [x'y] b", "a  b", ["sqlite"]],
    ["a [x] b", "a [x] b", ["postgres", "mysql"]],
    ["a -- x 'y\nb", "a b", ALL],
    ["5--1", "5", ["sqlite", "postgres"]],
    ["5--1", "5--1", ["mysql"]],
    ["a --", "a ", ALL],
    ["a # x\nb", "a b", ["mysql"]],
    ["a # b", "a # b", ["sqlite", "postgres"]],
    ["a /* x ' */ b", "a  b", ALL],
    ["a /* x /* y */ z */ b", "a  b", ["postgres"]],
    ["a /* x /* y */ z */ b", "a  z */ b", ["sqlite", "mysql"]],
    ["a /*! x */ b", "a /*! x */ b", ["mysql"]],
    ["a /*M! x */ b", "a /*M! x */ b", ["mysql"]],
    ["a /*! x */ b", "a  b", ["sqlite", "postgres"]],
    ["a 'x\\' y' b", "a  b", ["mysql"]],
    ["a 'x\\' b", "a  b", ["sqlite", "postgres"]],
    ["a 'x\\\\' b", "a  b", ["mysql"]],
    ["a 'x''\\'y' b", "a  b", ["mysql"]],
    ["a E'x\\' y' b", "a E b", ["postgres"]],
    ["a ne'x\\' b", "a ne b", ["postgres"]],
    ["a $$ x ' $$ b", "a  b", ["postgres"]],
    ["a $t$ x $$ y $t$ b", "a  b", ["postgres"]],
    ["a b$t$ c$t$", "a b$t$ c$t$", ["postgres"]],
    ["a $$ b", "a $$ b", ["sqlite", "mysql"]],
    ["a $1 b", "a $1 b", ALL],
    ["a 'unended", "a ", ALL],
    ["a /* unended", "a ", ALL],
    ["a $$ unended", "a ", ["postgres"]],
    ["", "", ALL],
  ] as const) {
    for (const dialect of dialects)
      it(`leaves ${JSON.stringify(left)} of ${JSON.stringify(sql)} in ${dialect}`, () => {
        assert.equal(visited(sql, dialect), left);
      });
  }

  it("goes on where it is told to", () => {
    const seen: number[] = [];
    scanSql("abcdef", "sqlite", (_, at) => {
      seen.push(at);
      return at + 2;
    });
    assert.deepEqual(seen, [0, 2, 4]);
  });
});

describe("the kinds of characters", () => {
  it("knows letters, digits, underscores, dollars, and all beyond ASCII as parts of words", () => {
    for (const part of "azAZ09_$\u00e9") assert.ok(isWordCode(part.charCodeAt(0)), part);
    for (const part of " ?'-@:[`{") assert.ok(!isWordCode(part.charCodeAt(0)), part);
  });

  it("knows digits", () => {
    for (const part of "0189") assert.ok(isDigitCode(part.charCodeAt(0)), part);
    for (const part of "/:a ") assert.ok(!isDigitCode(part.charCodeAt(0)), part);
  });
});

it("wordEnd finds where a word ends", () => {
  assert.equal(wordEnd("a SELECT(", 2), 8);
  assert.equal(wordEnd("SELECT", 0), 6);
});
