import assert from "node:assert/strict";
import { it } from "node:test";
import { isBusy } from "../../../../../src/pools/database/sqlite/busy.ts";
import { SqliteFailure } from "../../../../../src/pools/database/sqlite/sqlite-failure.ts";

it("an error says that another connection has the database, whatever the details", () => {
  assert.equal(isBusy(new SqliteFailure("SQLITE_BUSY", 5, "database is locked")), true);
  assert.equal(isBusy(new SqliteFailure("SQLITE_BUSY_SNAPSHOT", 517, "database is locked")), true);
  assert.equal(isBusy(new SqliteFailure("SQLITE_LOCKED", 6, "database table is locked")), false);
  assert.equal(isBusy(new Error("database is locked")), false);
  assert.equal(isBusy(undefined), false);
});
