import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSeveral } from "../../../../../src/pools/database/sqlite/several-statements.ts";

const BODY = "BEGIN DELETE FROM u; UPDATE u SET a = CASE WHEN a THEN 1 END; END";

describe("isSeveral", () => {
  for (const sql of [
    "SELECT 1; SELECT 2",
    "SELECT ';'; x",
    "; SELECT 1",
    `CREATE TRIGGER a AFTER INSERT ON t ${BODY}; DROP TABLE t`,
    `CREATE TRIGGER a AFTER INSERT ON t ${BODY} ; /* and */ SELECT 1`,
    "CREATE TABLE trigger_a (a); DROP TABLE t",
    "SELECT 1; CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END",
  ])
    it(`finds a second statement in ${sql}`, () => assert.equal(isSeveral(sql), true));

  for (const sql of [
    "SELECT 1",
    "SELECT 1; -- done",
    "SELECT ';' AS \"a;b\"; /* ; */ ",
    "SELECT 1;;",
    `CREATE TRIGGER a AFTER INSERT ON t ${BODY}`,
    `create temp trigger if not exists a AFTER INSERT ON t ${BODY};`,
    `-- why; what for\n/* a; b */ CREATE /* ; */ TEMPORARY TRIGGER a AFTER INSERT ON t ${BODY}; -- done`,
    `EXPLAIN QUERY PLAN CREATE TRIGGER a AFTER INSERT ON t ${BODY}`,
    "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; /* now */ END",
  ])
    it(`finds none in ${sql}`, () => assert.equal(isSeveral(sql), false));
});
