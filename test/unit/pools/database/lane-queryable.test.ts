import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeDatabase } from "../../../support/fake-database.ts";
import { FakeDatabaseDriver } from "../../../support/fake-database-driver.ts";

describe("LaneQueryable", () => {
  const driver = new FakeDatabaseDriver("postgres");
  const database = fakeDatabase(driver, { maxRows: 5 });
  driver.answer = ({ maxRows }) => [{ limit: maxRows }];

  it("gives rows, what was done, or both", async () => {
    assert.deepEqual(await database.query("SELECT 1"), [{ limit: 5 }]);
    assert.deepEqual(await database.query("SELECT 1", [], { maxRows: 7 }), [{ limit: 7 }]);
    assert.deepEqual(await database.execute("INSERT ?", [1]), { affectedRows: 1, lastInsertId: undefined });
    assert.deepEqual(await database.run("SELECT ?", [1]), {
      rows: [{ limit: 5 }],
      affectedRows: 1,
      lastInsertId: undefined,
    });
    assert.equal(driver.asked.at(-1), "SELECT $1");
  });

  it("streams without a limit of rows", async () => {
    for await (const row of database.stream("SELECT 1"))
      assert.deepEqual(row, { limit: Number.POSITIVE_INFINITY });
  });

  it("asks for nothing where an option is wrong", async () => {
    const asked = driver.asked.length;
    const wrong = { code: "SLUICE_INVALID_OPTION" };
    await assert.rejects(database.query("SELECT 1", [], { maxRows: Number.NaN }), wrong);
    await assert.rejects(database.execute("SELECT 1", [], { timeoutMs: -1 }), wrong);
    const reading = async (): Promise<void> => {
      for await (const _ of database.stream("SELECT 1", [], { batchRows: 0 })) break;
    };
    await assert.rejects(reading(), wrong);
    assert.equal(driver.asked.length, asked);
    assert.equal(database.stats().busy, 0);
  });

  it("rejects, and doesn't throw, what is wrong", async () => {
    const query = database.query("SELECT ?");
    await assert.rejects(query, { code: "SLUICE_PARAMETER_COUNT" });
    const execute = database.execute("SELECT ?");
    await assert.rejects(execute, { code: "SLUICE_PARAMETER_COUNT" });
  });
});
