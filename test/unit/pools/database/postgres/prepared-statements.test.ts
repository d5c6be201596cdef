import assert from "node:assert/strict";
import { it } from "node:test";
import { PreparedStatements } from "../../../../../src/pools/database/postgres/prepared-statements.ts";

it("gives the same statement for the same text, and each text a name of its own", () => {
  const statements = new PreparedStatements();
  const one = statements.get("SELECT 1");
  assert.equal(statements.get("SELECT 1"), one);
  assert.notEqual(statements.get("SELECT 2").name, one.name);
});

it("keeps so many at most, and those that are used", () => {
  const statements = new PreparedStatements(3);
  const often = statements.get("often");
  often.isParsed = true;
  for (let index = 0; index < 20; index++) {
    assert.equal(statements.get("often"), often);
    statements.get(`seldom ${index}`).isParsed = true;
    assert.ok(statements.size <= 3);
  }
});

it("says once what the server is to forget, and only what it knows", () => {
  const statements = new PreparedStatements(2);
  const [parsed, unparsed] = [statements.get("parsed"), statements.get("unparsed")];
  parsed.isParsed = true;
  statements.delete(unparsed);
  assert.deepEqual(statements.takeDiscarded(), []);
  statements.delete(parsed);
  assert.deepEqual(statements.takeDiscarded(), [parsed.name]);
  assert.deepEqual(statements.takeDiscarded(), []);
});

it("doesn't forget the successor of one that is forgotten late", () => {
  const statements = new PreparedStatements();
  const old = statements.get("x");
  statements.delete(old);
  const successor = statements.get("x");
  statements.delete(old);
  assert.equal(statements.get("x"), successor);
});
