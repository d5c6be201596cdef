import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import type { Transaction } from "../../../../src/pools/database/database.ts";
import { fakeDatabase } from "../../../support/fake-database.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";
import { inTime, waitFor } from "../../../support/wait-for.ts";

const conflict = new FakeFailure("conflict", "deadlock found");

describe("runTransaction", () => {
  it("begins as it is told to, and commits", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    await database.transaction((tx) => tx.execute("a"), { isolation: "serializable", readOnly: true });
    await database.transaction(async () => {});
    assert.deepEqual(driver.began, [
      { isolation: "serializable", readOnly: true },
      { isolation: undefined, readOnly: false },
    ]);
    assert.deepEqual(driver.asked, ["BEGIN", "a", "COMMIT", "BEGIN", "COMMIT"]);
  });

  it("refuses options that are wrong before it begins", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    const isolation = "serializable; DROP TABLE users" as "serializable";
    for (const options of [{ isolation }, { retries: -1 }, { timeoutMs: Number.NaN }])
      await assert.rejects(
        database.transaction(async () => {}, options),
        { code: "SLUICE_INVALID_OPTION" },
      );
    assert.deepEqual(driver.asked, []);
    await inTime("closing", database.close());
  });

  it("gives its commit what is left of its time", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    await database.transaction(async () => {}, { timeoutMs: 5_000 });
    await database.transaction(async () => {}, { timeoutMs: null });
    const [bounded, unbounded] = driver.commitTimes;
    assert.ok(bounded !== undefined && bounded > 0 && bounded <= 5_000, String(bounded));
    assert.equal(unbounded, undefined);
  });

  it("doesn't commit what was stopped while the last of its work ended", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    const stopping = new AbortController();
    driver.answer = () => {
      stopping.abort();
      return [];
    };
    const transaction = database.transaction(
      async (tx) => {
        void tx.execute("a");
      },
      { signal: stopping.signal },
    );
    await assert.rejects(inTime("the end", transaction), { code: "SLUICE_QUERY_CANCELLED" });
    assert.deepEqual(driver.asked, ["BEGIN", "a", "ROLLBACK"]);
  });

  it("rolls back when the function throws, even at once", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    const failure = new Error("mine");
    const thrown = database.transaction(() => {
      throw failure;
    });
    await assert.rejects(thrown, (error) => error === failure);
    assert.deepEqual(driver.asked, ["BEGIN", "ROLLBACK"]);
  });

  it("runs the function again after a conflict, of a statement or of the commit", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    let conflicts = 0;
    driver.answer = () => (conflicts++ === 0 ? conflict : []);
    driver.onCommit = async () => {
      if (conflicts++ === 2) throw conflict;
    };
    let runs = 0;
    const result = await database.transaction(async (tx) => {
      runs += 1;
      await tx.execute("a");
      return runs;
    });
    assert.equal(result, 3);
    assert.deepEqual(driver.asked, [
      "BEGIN",
      "a",
      "ROLLBACK",
      "BEGIN",
      "a",
      "COMMIT",
      "BEGIN",
      "a",
      "COMMIT",
    ]);
  });

  it("runs it again although the function has made something else of the conflict, or of nothing", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    let conflicts = 2;
    driver.answer = () => (conflicts-- > 0 ? conflict : []);
    let runs = 0;
    await database.transaction(async (tx) => {
      runs += 1;
      if (runs === 1) await tx.execute("a").catch(() => {});
      else
        await tx.execute("a").catch((cause: unknown) => {
          throw new Error("wrapped", { cause });
        });
    });
    assert.equal(runs, 3);
  });

  it("gives up after so many conflicts, and says how many", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    driver.answer = () => conflict;
    await assert.rejects(
      database.transaction((tx) => tx.execute("a"), { retries: 1 }),
      {
        code: "SLUICE_TRANSACTION_CONFLICT",
        message: /2 times \(deadlock found\)/,
        cause: conflict,
      },
    );
    assert.deepEqual(driver.asked, ["BEGIN", "a", "ROLLBACK", "BEGIN", "a", "ROLLBACK"]);
  });

  it("doesn't repeat a commit of which it isn't known whether it was done", async () => {
    for (const kind of ["lost", "unreachable"] as const) {
      const driver = new FakeDatabaseDriver();
      const database = fakeDatabase(driver);
      driver.onCommit = () => Promise.reject(new FakeFailure(kind));
      await assert.rejects(
        database.transaction(async () => {}),
        { code: "SLUICE_COMMIT_UNKNOWN" },
      );
      assert.deepEqual(driver.asked, ["BEGIN", "COMMIT"]);
    }
  });

  it("gives other failures of beginning and committing their codes", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    driver.onCommit = () => Promise.reject(new FakeFailure("constraint"));
    await assert.rejects(
      database.transaction(async () => {}),
      { code: "SLUICE_CONSTRAINT_VIOLATED" },
    );
    driver.onBegin = () => Promise.reject(new FakeFailure("unreachable"));
    await assert.rejects(
      database.transaction(async () => {}),
      { code: "SLUICE_UNREACHABLE" },
    );
    await inTime("closing", database.close());
  });

  it("ends at its deadline while its function is still at work, and takes nothing more from it", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    let kept: Transaction | undefined;
    const transaction = database.transaction(
      (tx) => {
        kept = tx;
        return new Promise(() => {});
      },
      { timeoutMs: 20 },
    );
    await assert.rejects(inTime("the deadline", transaction), { code: "SLUICE_QUERY_TIMEOUT" });
    assert.deepEqual(driver.asked, ["BEGIN", "ROLLBACK"]);
    await assert.rejects(async () => kept?.execute("late"), { code: "SLUICE_TRANSACTION_ENDED" });
    await inTime("closing", database.close());
  });

  it("ends at its deadline although a transaction within never returns", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    const transaction = database.transaction((tx) => tx.transaction(() => new Promise(() => {})), {
      timeoutMs: 20,
    });
    await assert.rejects(inTime("the deadline", transaction), { code: "SLUICE_QUERY_TIMEOUT" });
    assert.equal(driver.asked.at(-1), "ROLLBACK");
  });

  it("cancels its statement when its caller gives up, and lets go of the signal", async () => {
    const driver = new FakeDatabaseDriver();
    driver.answer = () => "never";
    const database = fakeDatabase(driver);
    const stopping = new AbortController();
    const { signal } = stopping;
    const transaction = database.transaction((tx) => tx.execute("a"), { signal });
    await waitFor("the statement", () => driver.asked.includes("a"));
    stopping.abort("mine");
    await assert.rejects(inTime("the end", transaction), { code: "SLUICE_QUERY_CANCELLED" });
    assert.equal(driver.cancelled, 1);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("tells its caller at once when beginning takes too long, and rolls back what begins after all", async () => {
    const driver = new FakeDatabaseDriver("sqlite", 1);
    let begin = (): void => {};
    driver.onBegin = () =>
      new Promise((resolve) => {
        begin = resolve;
      });
    const database = fakeDatabase(driver);
    await assert.rejects(
      inTime(
        "the deadline",
        database.transaction(async () => {}, { timeoutMs: 20 }),
      ),
      { code: "SLUICE_QUERY_TIMEOUT" },
    );
    const next = database.query("SELECT 1");
    assert.equal(database.stats().waiting, 1, "its place is taken until it has begun");
    begin();
    await inTime("the next one", next);
    assert.deepEqual(driver.asked, ["BEGIN", "ROLLBACK", "SELECT 1"]);
  });

  it("does what is left to do at the end in order", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    await database.transaction(async (tx) => {
      void tx.execute("a");
      const rows = tx.stream("b")[Symbol.asyncIterator]();
      void rows.next().catch(() => {});
    });
    assert.equal(driver.asked.at(-1), "COMMIT");
    assert.equal(driver.underWay, 0);
  });
});
