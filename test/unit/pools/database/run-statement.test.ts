import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { TooManyRows } from "../../../../src/pools/database/driver.ts";
import { fakeDatabase } from "../../../support/fake-database.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";
import { inTime, waitFor } from "../../../support/wait-for.ts";

describe("runStatement", () => {
  it("gives what the driver gives, and leaves nothing behind", async () => {
    const driver = new FakeDatabaseDriver();
    driver.answer = () => [{ a: 1 }];
    const database = fakeDatabase(driver);
    const { signal } = new AbortController();
    assert.deepEqual(await database.query("SELECT ?", [1], { signal }), [{ a: 1 }]);
    assert.equal(getEventListeners(signal, "abort").length, 0);
    assert.equal(database.stats().queries, 1);
    assert.equal(driver.underWay, 0);
  });

  it("has no more under way than the driver takes", async () => {
    const driver = new FakeDatabaseDriver("sqlite", 3);
    const database = fakeDatabase(driver);
    await Promise.all(Array.from({ length: 50 }, () => database.query("SELECT 1")));
    assert.equal(driver.mostUnderWay, 3);
    assert.ok(database.stats().acquireMs.max > 0);
  });

  it("gives failures their codes, and makes room", async () => {
    const driver = new FakeDatabaseDriver("sqlite", 1);
    const database = fakeDatabase(driver, { maxRows: 9 });
    for (const [error, code] of [
      [new FakeFailure("constraint"), "SLUICE_CONSTRAINT_VIOLATED"],
      [new FakeFailure("lost"), "SLUICE_CONNECTION_LOST"],
      [new TooManyRows(), "SLUICE_TOO_MANY_ROWS"],
    ] as const) {
      driver.answer = () => error;
      await assert.rejects(database.query("SELECT 1"), { code, cause: error });
    }
    driver.run = () => {
      throw new FakeFailure("statement", "thrown at once");
    };
    await assert.rejects(database.query("SELECT 1"), {
      code: "SLUICE_QUERY_FAILED",
      message: /thrown at once/,
    });
    assert.equal(database.stats().errors, 4);
    await inTime("closing", database.close());
  });

  it("cancels at the deadline, and for the caller", async () => {
    const driver = new FakeDatabaseDriver();
    driver.answer = () => "never";
    const database = fakeDatabase(driver);
    await assert.rejects(inTime("the deadline", database.query("SELECT 1", [], { timeoutMs: 20 })), {
      code: "SLUICE_QUERY_TIMEOUT",
      message: /for 20 ms/,
    });
    const stopping = new AbortController();
    const query = database.query("SELECT 1", [], { signal: stopping.signal });
    await waitFor("the query to run", () => driver.underWay === 1);
    stopping.abort("mine");
    await assert.rejects(query, { code: "SLUICE_QUERY_CANCELLED", cause: "mine" });
    assert.equal(driver.cancelled, 2);
    assert.equal(database.stats().timeouts, 1);
  });

  it("tells what became of a statement that couldn't be stopped any more", async () => {
    const driver = new FakeDatabaseDriver();
    driver.ignoresCancel = true;
    driver.answer = () => [{ a: 1 }];
    const database = fakeDatabase(driver);
    const abort = (sql: string): Promise<unknown> => {
      const stopping = new AbortController();
      const query = database.query(sql, [], { signal: stopping.signal });
      stopping.abort();
      return query;
    };
    assert.deepEqual(await abort("INSERT INTO a VALUES (1)"), [{ a: 1 }], "what was written is written");
    await assert.rejects(abort("SELECT 1"), { code: "SLUICE_QUERY_CANCELLED" });
    driver.answer = () => new FakeFailure("constraint");
    await assert.rejects(abort("SELECT 1"), { code: "SLUICE_CONSTRAINT_VIOLATED" });
    driver.answer = () => new FakeFailure("lost");
    await assert.rejects(abort("SELECT 1"), { code: "SLUICE_QUERY_CANCELLED" });
  });

  it("sends nothing that is wrong in itself", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    await assert.rejects(database.query("SELECT ?"), { code: "SLUICE_PARAMETER_COUNT" });
    assert.deepEqual(driver.asked, []);
  });
});
