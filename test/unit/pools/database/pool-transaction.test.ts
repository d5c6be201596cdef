import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fakeDatabase } from "../../../support/fake-database.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";

describe("PoolTransaction", () => {
  it("is a savepoint within another", async () => {
    const driver = new FakeDatabaseDriver();
    const result = await fakeDatabase(driver).transaction((tx) =>
      tx.transaction(async (inner) => {
        await inner.execute("a");
        return inner.transaction(async () => "innermost");
      }),
    );
    assert.equal(result, "innermost");
    assert.deepEqual(driver.asked, [
      "BEGIN",
      "SAVEPOINT sluice_1",
      "a",
      "SAVEPOINT sluice_2",
      "RELEASE SAVEPOINT sluice_2",
      "RELEASE SAVEPOINT sluice_1",
      "COMMIT",
    ]);
  });

  it("undoes what it did when it fails, and the rest goes on", async () => {
    const driver = new FakeDatabaseDriver();
    const failure = new Error("mine");
    await fakeDatabase(driver).transaction(async (tx) => {
      const failing = tx.transaction(() => Promise.reject(failure));
      await assert.rejects(failing, (error) => error === failure);
      await tx.execute("after");
    });
    assert.deepEqual(driver.asked, [
      "BEGIN",
      "SAVEPOINT sluice_1",
      "ROLLBACK TO SAVEPOINT sluice_1",
      "RELEASE SAVEPOINT sluice_1",
      "after",
      "COMMIT",
    ]);
  });

  it("has the one around it wait, and siblings come one after the other", async () => {
    const driver = new FakeDatabaseDriver();
    await fakeDatabase(driver).transaction(async (tx) => {
      await Promise.all([
        tx.transaction((inner) => inner.execute("first")),
        tx.transaction((inner) => inner.execute("second")),
        tx.execute("third"),
      ]);
    });
    const order = driver.asked.filter((sql) => ["first", "second", "third"].includes(sql));
    assert.deepEqual(order, ["first", "second", "third"]);
    assert.equal(driver.mostUnderWay, 1);
  });

  it("commits nothing if what it did can't be undone", async () => {
    const driver = new FakeDatabaseDriver();
    driver.answer = ({ sql }) => (sql.startsWith("ROLLBACK TO") ? new FakeFailure("statement") : []);
    const transaction = fakeDatabase(driver).transaction(async (tx) => {
      await tx.transaction(() => Promise.reject(new Error("mine"))).catch(() => {});
    });
    await assert.rejects(transaction, { code: "SLUICE_QUERY_FAILED" });
    assert.equal(driver.asked.at(-1), "ROLLBACK");
  });

  it("undoes nothing by itself after a conflict: all of it is run again", async () => {
    const driver = new FakeDatabaseDriver();
    let conflicts = 1;
    driver.answer = ({ sql }) => {
      if (sql !== "a" || conflicts === 0) return [];
      conflicts -= 1;
      return new FakeFailure("conflict");
    };
    await fakeDatabase(driver).transaction((tx) => tx.transaction((inner) => inner.execute("a")));
    assert.deepEqual(driver.asked, [
      "BEGIN",
      "SAVEPOINT sluice_1",
      "a",
      "ROLLBACK",
      "BEGIN",
      "SAVEPOINT sluice_1",
      "a",
      "RELEASE SAVEPOINT sluice_1",
      "COMMIT",
    ]);
  });
});
