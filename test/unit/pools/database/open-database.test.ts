import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openDatabase } from "../../../../src/pools/database/open-database.ts";

describe("openDatabase", () => {
  for (const [url, name, dialect, maxSize] of [
    ["sqlite::memory:", "sqlite", "sqlite", undefined],
    ["postgres://nobody:secret@127.0.0.1:1/x", "postgres", "postgres", 10],
    ["mysql://nobody:secret@127.0.0.1:1/x", "mysql", "mysql", 10],
    ["mariadb://nobody:secret@127.0.0.1:1/x", "mariadb", "mysql", 10],
  ] as const) {
    it(`opens ${name}, and connects to nothing`, async () => {
      const database = await openDatabase(url);
      assert.equal(database.name, name);
      assert.equal(database.dialect, dialect);
      assert.equal(database.required, true);
      assert.equal(database.stats().size, 0);
      assert.equal(database.stats().connects, 0);
      if (maxSize !== undefined) assert.equal(database.stats().maxSize, maxSize);
      assert.deepEqual(database.health(), { status: "up" });
      await database.close();
    });
  }

  it("takes options", async () => {
    const options = { name: "users", required: false, maxConnections: 3 };
    const database = await openDatabase("postgres://127.0.0.1:1/x", options);
    assert.equal(database.name, "users");
    assert.equal(database.required, false);
    assert.equal(database.stats().maxSize, 3);
    await database.close();
  });

  it("says when nobody answers, without the password", async () => {
    for (const url of ["postgres://nobody:secret@127.0.0.1:1/x", "mysql://nobody:secret@127.0.0.1:1/x"]) {
      const database = await openDatabase(url);
      const error = await database.open().catch((caught: unknown) => caught);
      assert.ok(error instanceof Error);
      assert.equal((error as { code?: string }).code, "SLUICE_UNREACHABLE");
      assert.ok(!error.message.includes("secret"));
      await database.close();
    }
  });

  it("refuses URLs and options that are wrong", async () => {
    await assert.rejects(openDatabase("oracle://host/x"), { code: "SLUICE_UNKNOWN_SCHEME" });
    await assert.rejects(openDatabase("chat.db"), { code: "SLUICE_INVALID_URL" });
    await assert.rejects(openDatabase("sqlite::memory:", { maxRows: 0 }), { code: "SLUICE_INVALID_OPTION" });
  });
});
