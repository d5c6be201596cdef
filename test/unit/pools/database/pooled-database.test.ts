import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { channels } from "../../../../src/diagnostics/index.ts";
import { Deferred } from "../../../../src/internal/deferred.ts";
import { fakeDatabase } from "../../../support/fake-database.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";
import { inTime, waitFor } from "../../../support/wait-for.ts";

const down = new FakeFailure("unreachable", "nobody answers");

describe("PooledDatabase", () => {
  it("refuses at once while its server is down, and finds out by itself when it is back", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    driver.answer = () => down;
    driver.onPing = () => Promise.reject(down);
    for (let time = 0; time < 3; time++)
      await assert.rejects(database.query("SELECT 1"), { code: "SLUICE_UNREACHABLE" });
    await waitFor("the breaker to open", () => database.stats().breaker !== "closed");
    const asked = driver.asked.length;
    await assert.rejects(database.query("SELECT 1"), {
      code: "SLUICE_UNREACHABLE",
      message: /nobody answers/,
    });
    await assert.rejects(
      database.transaction(async () => {}),
      { code: "SLUICE_UNREACHABLE" },
    );
    assert.equal(driver.asked.length, asked);
    assert.deepEqual(database.health(), { status: "down", reason: "nobody answers" });
    driver.answer = () => [];
    driver.onPing = async () => {};
    await waitFor("the database to be up", () => database.health().status === "up");
    assert.deepEqual(await database.query("SELECT 1"), []);
    await database.close();
  });

  it("opens by asking for a sign of life, and is down if there is none", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    await database.open();
    for (const kind of ["unreachable", "credentials"] as const) {
      driver.onPing = () => Promise.reject(new FakeFailure(kind));
      const code = kind === "unreachable" ? "SLUICE_UNREACHABLE" : "SLUICE_CREDENTIALS_REFUSED";
      await assert.rejects(database.open(), { code });
      await waitFor("the database to be down", () => database.health().status === "down");
      driver.onPing = async () => {};
      await waitFor("the database to be up", () => database.health().status === "up");
    }
    await database.close();
  });

  it("closes its driver once, when what was under way has ended", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    const running = database.query("SELECT 1");
    const closing = [database.close(), database.close()];
    await assert.rejects(database.query("SELECT 2"), { code: "SLUICE_POOL_CLOSED" });
    await assert.rejects(database.migrate("/nowhere"), { code: "SLUICE_POOL_CLOSED" });
    await assert.rejects(database.open(), { code: "SLUICE_POOL_CLOSED" });
    assert.equal(driver.closed, 0);
    assert.deepEqual(await running, []);
    await Promise.all(closing);
    assert.equal(driver.closed, 1);
    assert.deepEqual(database.health(), { status: "closed" });
  });

  it("waits for a migration when it is closed, and then ends it", async () => {
    for (const drainMs of [0, 60_000, Number.POSITIVE_INFINITY]) {
      const driver = new FakeDatabaseDriver();
      const began = new Deferred();
      const held = new Deferred();
      driver.exclusively = async (_lock, _work, signal) => {
        began.resolve();
        await Promise.race([held.promise, signal === undefined ? undefined : once(signal, "abort")]);
        signal?.throwIfAborted();
        return [] as never;
      };
      const database = fakeDatabase(driver);
      const migrated = database.migrate(new URL(".", import.meta.url)).catch(({ code }) => code);
      await began.promise;
      const closed = database.close({ drainMs });
      assert.equal(driver.closed, 0);
      if (drainMs > 0) held.resolve();
      await inTime("closing", closed);
      assert.deepEqual(await migrated, drainMs > 0 ? [] : "SLUICE_POOL_CLOSED");
    }
  });

  it("stays open when it is told in a wrong way how to close, and says so each time", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver);
    for (const drainMs of [Number.NaN, -1, "5" as never])
      await assert.rejects(database.close({ drainMs }), {
        code: "SLUICE_INVALID_OPTION",
        message: /drainMs/,
      });
    assert.deepEqual(await database.query("SELECT 1"), []);
    await database.close();
    await assert.rejects(database.close({ drainMs: -1 }), { code: "SLUICE_INVALID_OPTION" });
    assert.equal(driver.closed, 1);
  });

  it("cancels what is still under way after its time to drain", async () => {
    const driver = new FakeDatabaseDriver("sqlite", 3);
    driver.answer = () => "never";
    const database = fakeDatabase(driver, { queryTimeoutMs: null });
    const query = database.query("SELECT 1");
    const transaction = database.transaction(() => new Promise(() => {}));
    const ended = [query, transaction].map((each) => assert.rejects(each, { code: "SLUICE_POOL_CLOSED" }));
    await inTime("closing", database.close({ drainMs: 10 }));
    await Promise.all(ended);
    assert.ok(driver.asked.includes("ROLLBACK"));
  });

  it("publishes what happens", async () => {
    const driver = new FakeDatabaseDriver("sqlite", 1);
    const database = fakeDatabase(driver, { name: "published", maxWaiting: 0 });
    const seen: unknown[] = [];
    const listener = (message: unknown): void => {
      const { pool, statement, code, error } = message as Record<string, unknown>;
      if (pool === "published") seen.push({ statement, code, failed: error !== undefined });
    };
    channels.poolQuery.subscribe(listener);
    channels.poolRefused.subscribe(listener);
    const query = database.query("SELECT ?", ["private"]);
    await assert.rejects(database.query("SELECT 2"), { code: "SLUICE_POOL_FULL" });
    await query;
    channels.poolQuery.unsubscribe(listener);
    channels.poolRefused.unsubscribe(listener);
    assert.deepEqual(seen, [
      { statement: undefined, code: "SLUICE_POOL_FULL", failed: false },
      { statement: "SELECT ?", code: undefined, failed: false },
    ]);
    assert.equal(database.stats().refused, 1);
  });
});
