import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { fakeDatabase } from "../../../support/fake-database.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";
import { inTime } from "../../../support/wait-for.ts";

const rows = Array.from({ length: 25 }, (_, n) => ({ n }));

describe("streamRows", () => {
  function streaming(answer: FakeDatabaseDriver["answer"] = () => rows) {
    const driver = new FakeDatabaseDriver("sqlite", 1);
    driver.answer = answer;
    return { driver, database: fakeDatabase(driver) };
  }

  it("gives all rows, and lets its connection go", async () => {
    const { driver, database } = streaming();
    const seen: unknown[] = [];
    for await (const row of database.stream("SELECT 1", [], { batchRows: 10 })) seen.push(row);
    assert.deepEqual(seen, rows);
    assert.equal(driver.closedStreams, 1);
    assert.equal(database.stats().queries, 1);
    await inTime("closing", database.close());
  });

  it("begins nothing before it is read", async () => {
    const { driver, database } = streaming();
    database.stream("SELECT 1");
    assert.deepEqual(driver.asked, []);
    assert.equal(database.stats().waiting, 0);
  });

  it("stops when the loop is left", async () => {
    const { driver, database } = streaming();
    for await (const row of database.stream("SELECT 1", [], { batchRows: 2 })) if (row) break;
    assert.equal(driver.closedStreams, 1);
    await inTime("another", database.query("SELECT 1"));
  });

  it("has its deadline for each batch, not for what is done with the rows", async () => {
    const { database } = streaming();
    const iterator = database.stream("SELECT 1", [], { timeoutMs: 25, batchRows: 5 })[Symbol.asyncIterator]();
    await iterator.next();
    // Another deadline of the same length, which begins later and is met: this one's would have been met before.
    const other = streaming(() => "never").database;
    await assert.rejects(inTime("another", other.query("SELECT 1", [], { timeoutMs: 25 })), {
      code: "SLUICE_QUERY_TIMEOUT",
    });
    for (let row = 1; row < 25; row++) assert.equal((await iterator.next()).done, false);
    assert.equal((await iterator.next()).done, true);
    const stuck = other.stream("SELECT 1", [], { timeoutMs: 25 })[Symbol.asyncIterator]();
    await assert.rejects(inTime("the deadline", stuck.next()), { code: "SLUICE_QUERY_TIMEOUT" });
  });

  it("gives failures their codes", async () => {
    const { driver, database } = streaming(() => new FakeFailure("statement"));
    const iterator = database.stream("SELECT 1")[Symbol.asyncIterator]();
    await assert.rejects(iterator.next(), { code: "SLUICE_QUERY_FAILED" });
    assert.equal((await iterator.next()).done, true);
    assert.equal(driver.closedStreams, 1);
    assert.equal(database.stats().errors, 1);
  });

  it("lets its connection go when it is aborted, even if nobody reads on", async () => {
    const { driver, database } = streaming();
    const stopping = new AbortController();
    const options = { signal: stopping.signal, batchRows: 2 };
    const iterator = database.stream("SELECT 1", [], options)[Symbol.asyncIterator]();
    await iterator.next();
    stopping.abort();
    await inTime("another", database.query("SELECT 1"));
    assert.equal(driver.closedStreams, 1);
    assert.equal(getEventListeners(stopping.signal, "abort").length, 0);
    await iterator.next();
    await assert.rejects(iterator.next(), { code: "SLUICE_QUERY_CANCELLED" });
  });

  it("doesn't let rows that end because they were stopped look as if they were all", async () => {
    const { database } = streaming(() => "never");
    const stopping = new AbortController();
    const iterator = database.stream("SELECT 1", [], { signal: stopping.signal })[Symbol.asyncIterator]();
    const next = iterator.next();
    await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    await assert.rejects(inTime("the end", next), { code: "SLUICE_QUERY_CANCELLED" });
  });
});
