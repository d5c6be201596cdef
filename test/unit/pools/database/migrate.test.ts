import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Value } from "../../../../src/pools/database/database.ts";
import { DatabaseErrors } from "../../../../src/pools/database/database-errors.ts";
import { migrateDatabase } from "../../../../src/pools/database/migrate.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";
import { TemporaryFolder } from "../../../support/temporary-folder.ts";

describe("migrateDatabase", () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
    folder.write("001-a.sql", "CREATE a");
    folder.write("002-b.sql", "CREATE b");
  });
  afterEach(() => folder.remove());

  // Remembers what was applied, as a table would.
  function remembering(driver: FakeDatabaseDriver): FakeDatabaseDriver {
    const applied: Record<string, Value>[] = [];
    driver.answer = ({ sql, params }) => {
      if (sql.startsWith("INSERT")) applied.push({ name: params[0] ?? null, checksum: params[1] ?? null });
      return sql.startsWith("SELECT") ? applied : [];
    };
    return driver;
  }
  const migrate = (driver: FakeDatabaseDriver): Promise<string[]> =>
    migrateDatabase(driver, new DatabaseErrors("fake", driver), folder.path, new AbortController().signal);
  const scripts = (driver: FakeDatabaseDriver): string[] =>
    driver.asked
      .filter((sql) => !/^CREATE TABLE IF NOT|^SELECT/.test(sql))
      .map((sql) => sql.split(" (")[0] ?? "");

  for (const [dialect, expected] of [
    ["postgres", ["BEGIN", "CREATE a", "INSERT INTO sluice_migrations", "COMMIT"]],
    ["sqlite", ["BEGIN IMMEDIATE", "CREATE a", "INSERT INTO sluice_migrations", "COMMIT"]],
    ["mysql", ["CREATE a", "INSERT INTO sluice_migrations"]],
  ] as const) {
    it(`applies each under a lock and, where that is possible, in a transaction: ${dialect}`, async () => {
      const driver = remembering(new FakeDatabaseDriver(dialect));
      assert.deepEqual(await migrate(driver), ["001-a.sql", "002-b.sql"]);
      assert.deepEqual(scripts(driver).slice(0, expected.length + 1), [
        "LOCK sluice_migrations",
        ...expected,
      ]);
      driver.asked.length = 0;
      assert.deepEqual(await migrate(driver), []);
      assert.deepEqual(scripts(driver), ["LOCK sluice_migrations"]);
    });
  }

  it("undoes the one that fails, names it, and goes no further", async () => {
    const driver = new FakeDatabaseDriver("postgres");
    driver.answer = ({ sql }) => (sql === "CREATE a" ? new FakeFailure("statement", "no such thing") : []);
    await assert.rejects(migrate(driver), {
      code: "SLUICE_MIGRATION_FAILED",
      message: "Correct 001-a.sql and start again: its migration failed (no such thing).",
    });
    assert.equal(driver.asked.at(-1), "ROLLBACK");
    assert.ok(!driver.asked.includes("CREATE b"));
  });

  it("goes no further once its signal is aborted", async () => {
    const driver = new FakeDatabaseDriver("mysql");
    const stopping = new AbortController();
    driver.answer = ({ sql }) => {
      if (sql === "CREATE a") stopping.abort();
      return [];
    };
    const errors = new DatabaseErrors("fake", driver);
    await assert.rejects(migrateDatabase(driver, errors, folder.path, stopping.signal));
    assert.ok(driver.asked.includes("CREATE a") && !driver.asked.includes("CREATE b"));
  });

  it("gives what fails before any migration the code it has elsewhere", async () => {
    const driver = new FakeDatabaseDriver("postgres");
    driver.exclusively = () => Promise.reject(new FakeFailure("unreachable"));
    await assert.rejects(migrate(driver), { code: "SLUICE_UNREACHABLE" });
  });

  it("refuses what was changed, and what comes before what has been applied", async () => {
    const driver = remembering(new FakeDatabaseDriver("mysql"));
    await migrate(driver);
    folder.write("001-a.sql", "CREATE other");
    await assert.rejects(migrate(driver), { code: "SLUICE_MIGRATION_CHANGED", message: /001-a\.sql/ });
    folder.write("001-a.sql", "CREATE a");
    folder.write("000-late.sql", "CREATE late");
    await assert.rejects(migrate(driver), {
      code: "SLUICE_MIGRATION_INVALID",
      message: /000-late\.sql is new/,
    });
  });

  it("doesn't mind files that are gone: a newer version may have run here", async () => {
    const driver = remembering(new FakeDatabaseDriver("mysql"));
    await migrate(driver);
    folder.remove();
    folder = new TemporaryFolder();
    assert.deepEqual(await migrate(driver), []);
  });
});
