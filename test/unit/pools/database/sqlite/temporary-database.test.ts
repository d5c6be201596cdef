import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { TemporaryDatabase } from "../../../../../src/pools/database/sqlite/temporary-database.ts";

describe("TemporaryDatabase", () => {
  it("has a folder that only this user can read, until it is removed", () => {
    const database = new TemporaryDatabase();
    const folder = dirname(database.path);
    if (process.platform !== "win32") assert.equal(statSync(folder).mode & 0o777, 0o700);
    writeFileSync(database.path, "");
    database.remove();
    assert.equal(existsSync(folder), false);
    database.remove();
  });
});
