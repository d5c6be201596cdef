import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type Database, openDatabase } from "../../../src/pools/index.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

const counted = (rows: number): string =>
  `WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ${rows}) SELECT count(*) AS n FROM c`;
// Long enough to outlast the time that it is given to stop, on any machine.
const STUBBORN = counted(30_000_000);

describe("SQLite in threads", () => {
  const folder = new TemporaryFolder();
  const opened: Database[] = [];
  after(async () => {
    await Promise.all(opened.map((database) => database.close()));
    folder.remove();
  });

  async function open(name: string, maxConnections = 3): Promise<Database> {
    const database = await openDatabase(`sqlite:${join(folder.path, name)}`, { maxConnections });
    opened.push(database);
    await database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
    return database;
  }

  it("leaves the event loop free while a heavy query runs", async () => {
    const database = await open("heavy.db");
    let turns = 0;
    let isOver = false;
    const heavy = database.query<{ n: number }>(counted(3_000_000)).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    assert.deepEqual(await heavy, [{ n: 3_000_000 }]);
    // A loop that was held for the query would have turned a few times.
    assert.ok(turns > 100, `${turns} turns`);
  });

  it("keeps every caller's own outcome when a thousand write at once", async () => {
    const database = await open("group.db");
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1_000 }, (_, at) =>
        // Every fifth takes the key of the one before it.
        database.execute("INSERT INTO t VALUES (?, 'x')", [at % 5 === 4 ? at - 1 : at]),
      ),
    );
    outcomes.forEach((outcome, at) => {
      if (at % 5 === 4) {
        assert.ok(outcome.status === "rejected");
        assert.equal(outcome.reason.code, "SLUICE_CONSTRAINT_VIOLATED");
      } else
        assert.deepEqual(outcome.status === "fulfilled" && outcome.value, {
          affectedRows: 1,
          lastInsertId: at,
        });
    });
    assert.deepEqual(await database.query("SELECT count(*) AS n FROM t"), [{ n: 800 }]);
  });

  it("sees in a query what was acknowledged before it, whatever streams are open", async () => {
    const database = await open("own-writes.db", 2);
    await database.execute("INSERT INTO t (b) VALUES ('x'), ('y')");
    const stream = database.stream("SELECT a FROM t", [], { batchRows: 1 })[Symbol.asyncIterator]();
    await stream.next();
    for (let rows = 3; rows < 20; rows++) {
      await database.execute("INSERT INTO t (b) VALUES ('z')");
      assert.deepEqual(await database.query("SELECT count(*) AS n FROM t"), [{ n: rows }]);
    }
    let streamed = 1;
    while ((await stream.next()).done !== true) streamed += 1;
    assert.equal(streamed, 2);
  });

  it("gives up a thread that doesn't stop, and goes on with another", async () => {
    const database = await open("stubborn.db", 2);
    const stopping = new AbortController();
    const stubborn = database.query(STUBBORN, [], { signal: stopping.signal });
    await waitFor("it to run", () => database.stats().busy >= 1);
    setTimeout(() => stopping.abort(), 100);
    await assert.rejects(inTime("giving up", stubborn), { code: "SLUICE_QUERY_CANCELLED" });
    assert.deepEqual(await inTime("another query", database.query("SELECT 1 AS a")), [{ a: 1 }]);
    await waitFor("the thread to end", () => database.stats().size <= 2, 60_000);
  });

  it("refuses queries while no thread is left, and has them back", async () => {
    const database = await open("all-stuck.db", 2);
    const stopping = new AbortController();
    const { signal } = stopping;
    const first = assert.rejects(database.query(STUBBORN, [], { signal }));
    setTimeout(() => stopping.abort(), 300);
    await inTime("giving up the first", first);
    const other = new AbortController();
    const second = assert.rejects(database.query(STUBBORN, [], { signal: other.signal }));
    setTimeout(() => other.abort(), 2_000);
    await inTime("giving up the second", second);
    // Whether the first has ended by now is up to the machine; either way a query has an outcome soon.
    await inTime("an outcome", Promise.allSettled([database.query("SELECT 1 AS a")]));
    await waitFor(
      "queries to be answered again",
      () =>
        database.query("SELECT 1 AS a").then(
          () => true,
          (error: { code: string }) => {
            assert.equal(error.code, "SLUICE_UNREACHABLE");
            return false;
          },
        ),
      120_000,
    );
  });

  it("says what is wrong with a file that it can't open", async () => {
    const missing = await openDatabase(`sqlite:${join(folder.path, "none", "a.db")}`);
    opened.push(missing);
    await assert.rejects(missing.open(), {
      code: "SLUICE_UNREACHABLE",
      message: /unable to open database file/,
    });
    await assert.rejects(missing.query("SELECT 1"), { code: "SLUICE_UNREACHABLE" });
  });

  it("migrates when whoever writes is done, or closes before", async () => {
    const [holder, waiter] = [
      await open("waits.db"),
      await openDatabase(`sqlite:${join(folder.path, "waits.db")}`),
    ];
    opened.push(waiter);
    folder.write("001-u.sql", "CREATE TABLE u (a); INSERT INTO u VALUES (1)");
    // It has the writer's thread busy from the first statement on.
    await waiter.execute("CREATE TABLE sluice_migrations (name, checksum, applied_at)");
    await holder.transaction(async (tx) => {
      await tx.execute("INSERT INTO t VALUES (1, 'x')");
      const migrating = waiter.migrate(folder.path);
      await waitFor("its lock", () => existsSync(join(folder.path, "waits.db-sluice_migrations.lock")));
      await inTime(
        "the end",
        Promise.all([
          waiter.close({ drainMs: 0 }),
          assert.rejects(migrating, { code: "SLUICE_POOL_CLOSED" }),
        ]),
      );
    });
    assert.deepEqual(await holder.migrate(folder.path), ["001-u.sql"]);
  });
});
