import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { DemoDatabase, makeTable, type Prepare } from "../../../src/cli/demo-database.ts";
import type { Database } from "../../../src/pools/index.ts";

function make(t: TestContext, url: string | undefined, prepare: readonly Prepare[] = []): DemoDatabase {
  const database = new DemoDatabase(url, prepare);
  t.after(() => database.close({ drainMs: 0 }));
  return database;
}

describe("the database of the demo", () => {
  it("is in memory and not needed unless one is asked for", (t) => {
    const unasked = make(t, undefined);
    assert.deepEqual([unasked.required, unasked.isInMemory], [false, true]);
    const asked = make(t, "postgres://localhost/test");
    assert.deepEqual([asked.required, asked.isInMemory], [true, false]);
    assert.deepEqual(unasked.health(), { status: "up" });
    assert.equal(unasked.stats().size, 0);
  });

  it("has its tables once it is open, made once", async (t) => {
    let made = 0;
    const database = make(t, undefined, [
      async (opened) => {
        made++;
        await makeTable(opened, "things", "id INTEGER NOT NULL PRIMARY KEY");
      },
    ]);
    await Promise.all([database.open(), database.open(), database.ready()]);
    const opened = await database.ready();
    await makeTable(opened, "things", "id INTEGER NOT NULL PRIMARY KEY");
    assert.deepEqual(await opened.query("SELECT id FROM things"), []);
    assert.equal(made, 1);
    assert.deepEqual(database.health(), { status: "up" });
    assert.ok(database.stats().queries > 0);
    await database.close();
    assert.deepEqual(database.health(), { status: "closed" });
    await assert.rejects(opened.query("SELECT 1"), { code: "SLUICE_POOL_CLOSED" });
  });

  it("is prepared by the next one to need it, where it couldn't be", async (t) => {
    let isAway = true;
    const database = make(t, undefined, [
      async () => {
        if (isAway) throw new Error("away");
      },
    ]);
    await assert.rejects(database.open(), { message: "away" });
    assert.deepEqual(database.health(), { status: "down", reason: "away" });
    isAway = false;
    await database.ready();
    assert.deepEqual(database.health(), { status: "up" });
  });

  it("says what is wrong with its URL when it is opened", async (t) => {
    await assert.rejects(make(t, "oracle://x").open(), { code: "SLUICE_UNKNOWN_SCHEME" });
  });

  it("makes a table that another process has made in the meantime", async () => {
    const failing = { dialect: "postgres", execute: () => Promise.reject(new Error("duplicate")) };
    const there = { ...failing, query: async () => [] } as unknown as Database;
    await makeTable(there, "things", "id INTEGER");
    const notThere = {
      ...failing,
      query: () => Promise.reject(new Error("no table")),
    } as unknown as Database;
    await assert.rejects(makeTable(notThere, "things", "id INTEGER"), { message: "duplicate" });
  });
});
