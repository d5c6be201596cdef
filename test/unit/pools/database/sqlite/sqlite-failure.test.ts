import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TooManyRows } from "../../../../../src/pools/database/driver.ts";
import {
  classifyFailure,
  errcodeOf,
  hasResultCode,
  nameOf,
  OWN_CODES,
  RESULT_CODES,
  SqliteFailure,
} from "../../../../../src/pools/database/sqlite/sqlite-failure.ts";

describe("errcodeOf", () => {
  it("takes the number that the binding gives", () => assert.equal(errcodeOf({ errcode: 2067 }), 2067));

  it("knows SQLite's sentences where the binding leaves the number out", () => {
    const of = (message: string): number => errcodeOf({ code: "ERR_SQLITE_ERROR", message });
    assert.equal(of("UNIQUE constraint failed: t.a"), 2067);
    assert.equal(of("attempt to write a readonly database"), 8);
    assert.equal(of("database is locked"), 5);
    assert.equal(of("no such table: t"), 1);
  });

  it("gives 0 for what isn't SQLite's", () => assert.equal(errcodeOf(new TypeError("x")), 0));
});

describe("hasResultCode", () => {
  it("doesn't mind what the extended code adds", () => {
    for (const errcode of [19, 2067]) assert.ok(hasResultCode({ errcode }, RESULT_CODES.constraint));
    assert.ok(!hasResultCode({ errcode: 5 }, RESULT_CODES.constraint));
    assert.ok(!hasResultCode(new TypeError("x"), RESULT_CODES.constraint));
  });
});

describe("nameOf", () => {
  it("names extended codes, and others by their primary one", () => {
    assert.equal(nameOf(2067), "SQLITE_CONSTRAINT_UNIQUE");
    assert.equal(nameOf(266), "SQLITE_IOERR");
    assert.equal(nameOf(99), "SQLITE_ERROR");
  });
});

describe("classifyFailure", () => {
  const meanings = [
    [5, "conflict"],
    [517, "conflict"],
    [9, "cancelled"],
    [266, "lost"],
    [14, "unreachable"],
    [26, "unreachable"],
    [2067, "constraint"],
    [1, "statement"],
    [13, "statement"],
  ] as const;
  for (const [errcode, kind] of meanings) {
    it(`takes ${nameOf(errcode)} for ${kind}`, () =>
      assert.deepEqual(classifyFailure(new SqliteFailure(nameOf(errcode), errcode, "x")), { kind }));
  }

  it("knows its own codes", () => {
    const kindOf = (code: string): string => classifyFailure(new SqliteFailure(code, 0, "x")).kind;
    assert.equal(kindOf(OWN_CODES.cancelled), "cancelled");
    assert.equal(kindOf(OWN_CODES.threadLost), "lost");
    assert.equal(kindOf(OWN_CODES.noThread), "unreachable");
    assert.equal(kindOf(OWN_CODES.notOpened), "unreachable");
    assert.equal(kindOf(OWN_CODES.refused), "statement");
  });

  it("takes whatever else for the statement's fault", () => {
    assert.deepEqual(classifyFailure(new TooManyRows()), { kind: "statement" });
    assert.deepEqual(classifyFailure("x"), { kind: "statement" });
  });
});
