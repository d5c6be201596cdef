import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { SqliteConnection } from "../../../../../src/pools/database/sqlite/sqlite-connection.ts";
import {
  classifyFailure,
  errcodeOf,
  nameOf,
  SqliteFailure,
} from "../../../../../src/pools/database/sqlite/sqlite-failure.ts";
import { ThreadHarness } from "./thread-harness.ts";

describe("SqliteConnection", () => {
  const harness = new ThreadHarness();
  after(() => harness.close());
  const settingOf = (connection: SqliteConnection, pragma: string): unknown =>
    connection.prepare(`PRAGMA ${pragma}`).iterate([]).next().value?.[0];

  // As the thread tells of it.
  const named = (error: unknown): SqliteFailure => {
    if (error instanceof SqliteFailure) return error;
    return new SqliteFailure(nameOf(errcodeOf(error)), errcodeOf(error), "");
  };

  it("writes through a log that is synced at every commit, and holds to foreign keys", () => {
    const path = `${harness.folder.path}/durable.db`;
    const connection = SqliteConnection.openWriter(
      { ...harness.data, path, isTemporary: false },
      harness.answers,
    );
    assert.equal(settingOf(connection, "journal_mode"), "wal");
    assert.equal(settingOf(connection, "synchronous"), 2n);
    assert.equal(settingOf(connection, "foreign_keys"), 1n);
    connection.close();
  });

  it("syncs nothing of what is temporary", () => {
    assert.equal(settingOf(harness.open(), "synchronous"), 0n);
  });

  it("reads a database that nobody has written to yet, and can't write", () => {
    const path = `${harness.folder.path}/unwritten.db`;
    const reader = SqliteConnection.openReader(path, harness.answers);
    assert.equal(reader.prepare("SELECT 1").hasRows, true);
    assert.throws(() => reader.exec("CREATE TABLE t (a)"), /readonly/);
    reader.close();
  });

  it("can't open what isn't there or isn't a database", () => {
    const missing = { ...harness.data, path: `${harness.folder.path}/none/x.db` };
    assert.throws(() => SqliteConnection.openWriter(missing, harness.answers), { errcode: 14 });
    assert.throws(() => SqliteConnection.openReader(missing.path, harness.answers), { errcode: 14 });
    const path = `${harness.folder.path}/text.db`;
    writeFileSync(
      path,
      "not a database, however long this text may be, and it is longer than a header".repeat(20),
    );
    assert.throws(
      () => SqliteConnection.openWriter({ ...harness.data, path }, harness.answers),
      /not a database/,
    );
  });

  it("has lost nothing with what can't be opened, such as a folder", () => {
    const { path } = harness.folder;
    for (const open of [
      () => SqliteConnection.openWriter({ ...harness.data, path }, harness.answers),
      () => SqliteConnection.openReader(path, harness.answers),
    ])
      assert.throws(open, (error) => classifyFailure(named(error)).kind === "unreachable");
  });

  it("refuses a NUL, before which SQLite would run what stands there", () => {
    const connection = harness.open();
    assert.throws(() => connection.prepare("SELECT 1 AS a\0 garbage"), { code: "REFUSED" });
    assert.throws(() => connection.exec("CREATE TABLE cut (a)\0 garbage"), { code: "REFUSED" });
    assert.throws(() => connection.prepare("SELECT * FROM cut"), /no such table/);
  });

  it("prepares a statement once, and as many as there are uses apart", () => {
    const connection = harness.open();
    assert.equal(connection.prepare("SELECT 1"), connection.prepare("SELECT 1"));
    assert.notEqual(connection.prepareApart("SELECT 1"), connection.prepare("SELECT 1"));
    const before = connection.prepare("SELECT 1");
    connection.forgetStatements();
    assert.notEqual(connection.prepare("SELECT 1"), before);
  });

  it("refuses several statements in one", () => {
    assert.throws(() => harness.open().prepare("SELECT 1; SELECT 2"), { code: "REFUSED" });
  });

  it("notices that another connection has changed the schema", () => {
    const connection = harness.open();
    connection.noticeSchemaChange();
    const before = connection.prepare("SELECT 1");
    connection.noticeSchemaChange();
    assert.equal(connection.prepare("SELECT 1"), before);
    harness.open().exec("CREATE TABLE noticed (a)");
    connection.noticeSchemaChange();
    assert.notEqual(connection.prepare("SELECT 1"), before);
  });

  it("rolls back and closes without complaint, whatever is under way", () => {
    const connection = harness.open();
    connection.rollback();
    connection.exec("BEGIN");
    assert.equal(connection.isTransaction, true);
    connection.rollback();
    assert.equal(connection.isTransaction, false);
    connection.close();
    connection.close();
    connection.rollback();
  });
});
