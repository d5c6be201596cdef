import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DatabaseSync } from "@photostructure/sqlite";
import type { DatabaseDriver, Statement } from "../../../../../src/pools/database/driver.ts";
import { sqliteDriver } from "../../../../../src/pools/database/sqlite/sqlite-driver.ts";
import { TemporaryFolder } from "../../../../support/temporary-folder.ts";

const OPTIONS = {
  name: "test",
  maxConnections: 3,
  idleTimeoutMs: 60_000,
  maxLifetimeMs: 60_000,
  connectTimeoutMs: 5_000,
  events: { onConnect: () => {}, onConnectFailed: () => {}, onDisconnect: () => {} },
};
const statement = (sql: string, access: Statement["access"] = "read"): Statement => ({
  sql,
  params: [],
  access,
  maxRows: 1_000,
});

describe("sqliteDriver", () => {
  let driver: DatabaseDriver;
  before(async () => {
    driver = await sqliteDriver({ path: ":memory:" }, OPTIONS);
    assert.deepEqual([driver.dialect, driver.size, driver.maxSize], ["sqlite", 0, 3]);
    await driver.ping();
    await driver.run(statement("CREATE TABLE t (a)", "write")).result;
  });
  after(() => driver.close());
  const count = async (): Promise<unknown> =>
    (await driver.run(statement("SELECT count(*) AS n FROM t")).result).rows[0]?.["n"];

  it("reads what was written, and tells what it has", async () => {
    const { affectedRows } = await driver.run(statement("INSERT INTO t VALUES (1), (2)", "write")).result;
    assert.equal(affectedRows, 2);
    assert.equal(await count(), 2);
    assert.ok(driver.size >= 2 && driver.idle >= 1 && driver.connects >= 2);
    await driver.ping();
  });

  it("streams what reads, and what writes", async () => {
    for (const [sql, access] of [
      ["SELECT a FROM t ORDER BY a", "read"],
      ["UPDATE t SET a = a RETURNING a", "write"],
      ["UPDATE t SET a = a RETURNING a", "read"],
    ] as const) {
      const stream = driver.stream(statement(sql, access), 1);
      assert.deepEqual(
        [await stream.next(), await stream.next(), await stream.next()],
        [[{ a: 1 }], [{ a: 2 }], []],
      );
      await stream.close();
    }
  });

  it("has transactions that write, and that only read", async () => {
    const writing = await driver.begin({ isolation: undefined, readOnly: false });
    const reading = await driver.begin({ isolation: undefined, readOnly: true });
    await writing.run(statement("INSERT INTO t VALUES (3)", "write")).result;
    await writing.commit();
    assert.equal(await count(), 3);
    const { rows } = await reading.run(statement("SELECT count(*) AS n FROM t")).result;
    assert.deepEqual(rows, [{ n: 2 }]);
    await assert.rejects(reading.run(statement("DELETE FROM t", "write")).result, {
      code: "SQLITE_READONLY",
    });
    await reading.rollback();
  });

  it("says what errors mean", async () => {
    const error = await driver.run(statement("SELEC")).result.catch((reason: unknown) => reason);
    assert.deepEqual(driver.classify(error), { kind: "statement" });
  });

  it("runs scripts while nobody else does under the same lock, and lets go of it when they fail", async () => {
    const order: string[] = [];
    const work = (name: string) =>
      driver.exclusively("migrations", async (session) => {
        order.push(`${name} begins`);
        await session.script(`CREATE TABLE ${name} (a); INSERT INTO ${name} VALUES (1)`);
        order.push(`${name} ends`);
      });
    await Promise.all([work("one"), work("two")]);
    assert.deepEqual(
      [order[0]?.slice(0, 3), order[2]?.slice(0, 3)],
      [order[1]?.slice(0, 3), order[3]?.slice(0, 3)],
    );
    await assert.rejects(work("one"), { code: "SQLITE_ERROR" });
    await work("three");
  });

  it("stops a script, or waiting for the lock, once the signal is aborted", async (t) => {
    const folder = new TemporaryFolder();
    const path = `${folder.path}/held.db`;
    const waiting = await sqliteDriver({ path }, OPTIONS);
    const other = new DatabaseSync(path);
    t.after(async () => {
      other.close();
      await waiting.close();
      folder.remove();
    });
    await waiting.run(statement("CREATE TABLE t (a)", "write")).result;
    other.exec("BEGIN IMMEDIATE");
    const stopping = new AbortController();
    const held = waiting.exclusively(
      "migrations",
      async (session) => {
        const script = session.script("BEGIN IMMEDIATE");
        const another = new AbortController();
        const locked = waiting.exclusively("migrations", () => assert.fail("not locked"), another.signal);
        another.abort();
        await assert.rejects(locked, { code: "CANCELLED" });
        stopping.abort();
        await script;
      },
      stopping.signal,
    );
    await assert.rejects(held, { code: "CANCELLED" });
  });
});
