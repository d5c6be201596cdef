import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, before, beforeEach, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Deferred } from "../../src/internal/deferred.ts";
import type { Database, Parameter, Transaction, Value } from "../../src/pools/database/database.ts";
import type { DatabaseOptions } from "../../src/pools/database/database-options.ts";
import { kyselyContract } from "./database-contract-kysely.ts";
import { migrationsContract } from "./database-contract-migrations.ts";
import { contractSql } from "./database-contract-sql.ts";
import { inTime, waitFor } from "./wait-for.ts";

/** Opens a pool on the database under test, each time another one. What is kept between pools doesn't matter. */
export type OpenForContract = (options: DatabaseOptions) => Promise<Database>;

const STRANGE_TEXTS = [
  "",
  " ",
  "'",
  "''",
  '"',
  "`",
  "\\",
  "\\'",
  "'; DROP TABLE contract_texts; --",
  "' OR '1'='1",
  "1; DELETE FROM contract_texts",
  "$1",
  "?",
  "??",
  ":name",
  "%s",
  "/* */",
  "-- x\n",
  "# x",
  "\r\n\t\u001a",
  "NULL",
  "\u00e9\u4e2d\u{1f30a}",
  "\ufeff",
  "$$x$$",
  "x".repeat(70_000),
];

/**
 * What every database does alike, whichever it is: call it from a test file of the adapter.
 *
 * @param name the adapter's, for the names of the tests
 * @param open opens a pool with the options that a test needs
 */
export function databaseContract(name: string, open: OpenForContract): void {
  describe(`${name}: the contract of a database`, () => {
    const opened: Database[] = [];
    let database: Database;
    const openWith = async (options: DatabaseOptions = {}): Promise<Database> => {
      const another = await open(options);
      opened.push(another);
      return another;
    };
    const context: ContractContext = { openWith, database: () => database };

    before(async () => {
      database = await openWith();
    });
    after(async () => {
      await Promise.all(opened.map((each) => each.close({ drainMs: 0 })));
    });

    describe("values", () => valuesContract(context));
    describe("placeholders and parameters", () => parametersContract(context));
    describe("statements", () => statementsContract(context));
    describe("streams", () => streamsContract(context));
    describe("cancelling", () => cancellingContract(context));
    describe("transactions", () => transactionsContract(context));
    describe("the pool", () => poolContract(context));
    describe("migrations", () => migrationsContract(context.database, openWith));
    describe("Kysely", () => kyselyContract(context.database));
  });
}

interface ContractContext {
  readonly openWith: (options?: DatabaseOptions) => Promise<Database>;
  readonly database: () => Database;
}

function valuesContract({ database }: ContractContext): void {
  const COLUMNS = [
    "whole",
    "big",
    "fraction",
    "word",
    "bytes",
    "flag",
    "moment",
    "day",
    "clock",
    "doc",
  ] as const;

  before(async () => {
    await recreate(database(), "contract_values", contractSql[database().dialect].valuesColumns);
  });

  async function roundTrip(values: Readonly<Record<string, Parameter>>): Promise<Record<string, Value>> {
    await database().execute("DELETE FROM contract_values");
    const names = Object.keys(values);
    await database().execute(
      `INSERT INTO contract_values (id, ${names.join(", ")}) VALUES (1, ${names.map(() => "?").join(", ")})`,
      Object.values(values),
    );
    const [row] = await database().query(`SELECT ${names.join(", ")} FROM contract_values`);
    assert.ok(row);
    return row;
  }

  it("gives everything back as it was", async () => {
    const values = {
      whole: 42,
      big: 9_007_199_254_740_993n,
      fraction: 0.1,
      word: "caf\u00e9 \u{1f30a}",
      bytes: Buffer.from([0, 1, 39, 92, 255]),
      flag: true,
      moment: new Date("2024-02-29T23:59:59.123Z"),
      day: "2024-02-29",
      clock: "23:59:58",
      doc: { list: [1, "two", null], nested: { yes: true } },
    };
    assert.deepEqual(await roundTrip(values), values);
  });

  it("gives NULL back as null from each kind of column", async () => {
    const nothing = Object.fromEntries(COLUMNS.map((column) => [column, null]));
    assert.deepEqual(await roundTrip(nothing), nothing);
  });

  it("gives integers as numbers where they are safe, and as bigint where they aren't", async () => {
    for (const big of [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      assert.deepEqual(await roundTrip({ big }), { big });
    for (const big of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])
      assert.deepEqual(await roundTrip({ big }), { big });
    assert.deepEqual(await roundTrip({ big: 7n }), { big: 7 });
  });

  it("gives both booleans", async () => {
    assert.deepEqual(await roundTrip({ flag: false }), { flag: false });
    assert.deepEqual(await roundTrip({ flag: true }), { flag: true });
  });

  it("gives dates before 1970 and midnight itself, whatever the time zone here is", async () => {
    for (const text of ["1969-12-31T23:59:59.999Z", "2024-03-31T02:30:00.000Z", "2000-01-01T00:00:00.000Z"])
      assert.deepEqual(await roundTrip({ moment: new Date(text) }), { moment: new Date(text) });
  });

  it("gives empty bytes and a Uint8Array's part as a Buffer", async () => {
    assert.deepEqual(await roundTrip({ bytes: new Uint8Array(0) }), { bytes: Buffer.alloc(0) });
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const { bytes } = await roundTrip({ bytes: part });
    assert.ok(Buffer.isBuffer(bytes));
    assert.deepEqual([...bytes], [2, 3]);
  });

  it("gives JSON parsed: arrays, scalars in objects, and text in it that looks like something else", async () => {
    for (const doc of [[1, 2, 3], [], {}, { text: "'; DROP TABLE x" }, { a: { b: [null, false, 1.5] } }])
      assert.deepEqual(await roundTrip({ doc }), { doc });
  });

  it("gives fractions exactly", async () => {
    for (const fraction of [1e-7, 1e100, -0.1, 1 / 3])
      assert.deepEqual(await roundTrip({ fraction }), { fraction });
  });

  it("loses nothing of decimals", async () => {
    const sql = contractSql[database().dialect];
    const [row] = await database().query(`SELECT ${sql.decimal} AS exact`);
    assert.deepEqual(row, { exact: sql.decimalValue });
  });
}

function parametersContract({ database }: ContractContext): void {
  before(async () => {
    await recreate(database(), "contract_texts", contractSql[database().dialect].textsColumns);
  });

  it("keeps any text as data: nothing in it is ever SQL", async () => {
    const texts = STRANGE_TEXTS;
    for (const [id, text] of texts.entries()) {
      await database().execute("INSERT INTO contract_texts (id, body) VALUES (?, ?)", [id, text]);
      const rows = await database().query("SELECT id FROM contract_texts WHERE id = ? AND body = ?", [
        id,
        text,
      ]);
      assert.deepEqual(rows, [{ id }]);
    }
    const rows = await database().query<{ body: string }>("SELECT body FROM contract_texts ORDER BY id");
    assert.deepEqual(
      rows.map(({ body }) => body),
      texts,
    );
  });

  it("takes ? and $1, and leaves alone what only looks like them", async () => {
    const { text } = contractSql[database().dialect];
    const expected = [{ quoted: "it's ? and $1", a: "one", b: "two" }];
    const inOrder = `SELECT 'it''s ? and $1' AS quoted, /* ? */ ${text("?")} AS a, -- ? $2 '\n ${text("?")} AS b`;
    assert.deepEqual(await database().query(inOrder, ["one", "two"]), expected);
    const numbered = `SELECT 'it''s ? and $1' AS quoted, ${text("$2")} AS a, ${text("$1")} AS b`;
    assert.deepEqual(await database().query(numbered, ["two", "one"]), expected);
    const twice = `SELECT ${text("$1")} AS a, ${text("$1")} AS b`;
    assert.deepEqual(await database().query(twice, ["same"]), [{ a: "same", b: "same" }]);
  });

  it("counts parameters before anything is sent", async () => {
    const { text } = contractSql[database().dialect];
    await assert.rejects(database().query(`SELECT ${text("?")} AS a`), {
      code: "SLUICE_PARAMETER_COUNT",
      message: /0 for 1/,
    });
    await assert.rejects(database().query("SELECT 1 AS a", [1]), { code: "SLUICE_PARAMETER_COUNT" });
    await assert.rejects(database().query(`SELECT ${text("?")} AS a, ${text("$1")} AS b`, ["x", "y"]), {
      code: "SLUICE_MIXED_PLACEHOLDERS",
    });
  });

  it("refuses what no database can bind, and says which parameter it is", async () => {
    const { text } = contractSql[database().dialect];
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const unbindable = [undefined, Symbol("x"), () => 1, new Map(), Number.NaN, new Date(Number.NaN), cycle];
    for (const value of unbindable) {
      await assert.rejects(
        database().query(`SELECT ${text("?")} AS a, ${text("?")} AS b`, ["fine", value as Parameter]),
        { code: "SLUICE_INVALID_PARAMETER", message: /parameter 2 is / },
      );
    }
  });

  it("runs the same statement with other kinds of values, NULL among them", async () => {
    await database().execute("DELETE FROM contract_texts");
    const insert = "INSERT INTO contract_texts (id, body) VALUES (?, ?)";
    for (const [id, body] of ["text", null, "5", null, "more"].entries())
      await database().execute(insert, [id, body]);
    assert.deepEqual(await database().query("SELECT id FROM contract_texts WHERE body IS NULL ORDER BY id"), [
      { id: 1 },
      { id: 3 },
    ]);
  });
}

function statementsContract({ database, openWith }: ContractContext): void {
  beforeEach(async () => {
    await recreate(database(), "contract_items", contractSql[database().dialect].itemsColumns);
  });

  it("gives rows with their names, in order, and none as an empty array", async () => {
    await insertItems(database(), ["one", "two", "three"]);
    assert.deepEqual(await database().query("SELECT id, name FROM contract_items ORDER BY id DESC"), [
      { id: 3, name: "three" },
      { id: 2, name: "two" },
      { id: 1, name: "one" },
    ]);
    assert.deepEqual(await database().query("SELECT id FROM contract_items WHERE id > ?", [100]), []);
  });

  it("tells how many rows a statement changed, and the key that was made", async () => {
    const insert = "INSERT INTO contract_items (name) VALUES (?)";
    const first = await database().execute(insert, ["one"]);
    assert.equal(first.affectedRows, 1);
    assert.equal(first.lastInsertId, database().dialect === "postgres" ? undefined : 1);
    await database().execute(insert, ["two"]);
    const all = await database().execute("UPDATE contract_items SET amount = ?", [5]);
    assert.equal(all.affectedRows, 2);
    const none = await database().execute("DELETE FROM contract_items WHERE id = ?", [100]);
    assert.equal(none.affectedRows, 0);
    const deleted = await database().execute("DELETE FROM contract_items");
    assert.equal(deleted.affectedRows, 2);
  });

  it("tells a statement that is wrong from values that break a constraint, and goes on", async () => {
    await insertItems(database(), ["taken"]);
    await assert.rejects(database().query("SELEKT 1"), { code: "SLUICE_QUERY_FAILED" });
    await assert.rejects(database().query("SELECT * FROM contract_nowhere"), { code: "SLUICE_QUERY_FAILED" });
    const insert = "INSERT INTO contract_items (name) VALUES (?)";
    await assert.rejects(database().execute(insert, ["taken"]), { code: "SLUICE_CONSTRAINT_VIOLATED" });
    await assert.rejects(database().execute(insert, [null]), { code: "SLUICE_CONSTRAINT_VIOLATED" });
    assert.deepEqual(await database().query("SELECT id FROM contract_items"), [{ id: 1 }]);
  });

  it("keeps the driver's error as the cause", async () => {
    const error = await database()
      .query("SELECT * FROM contract_nowhere")
      .catch((caught: unknown) => caught);
    assert.ok(error instanceof Error);
    assert.ok(error.cause instanceof Error);
  });

  it("stops a query with more rows than it may have", async () => {
    await insertItems(database(), ["one", "two", "three"]);
    const select = "SELECT id FROM contract_items";
    assert.equal((await database().query(select, [], { maxRows: 3 })).length, 3);
    await assert.rejects(database().query(select, [], { maxRows: 2 }), {
      code: "SLUICE_TOO_MANY_ROWS",
      message: /more than 2 rows/,
    });
    const small = await openWith({ maxRows: 5, maxConnections: 1 });
    const { numbers } = contractSql[database().dialect];
    for (let time = 0; time < 3; time++)
      await assert.rejects(small.query(numbers(100_000)), { code: "SLUICE_TOO_MANY_ROWS" });
    assert.equal((await small.query(numbers(5))).length, 5);
  });

  it("refuses limits that are none, and goes on", async () => {
    const single = await openWith({ maxConnections: 1 });
    const { numbers } = contractSql[single.dialect];
    const refused = { code: "SLUICE_INVALID_OPTION" };
    for (const maxRows of [Number.NaN, -1, 1.5])
      await assert.rejects(single.query(numbers(3), [], { maxRows }), refused);
    for (const batchRows of [0, Number.NaN, 1.5, -1, Number.POSITIVE_INFINITY])
      await assert.rejects(collected(single.stream(numbers(3), [], { batchRows })), refused);
    for (const timeoutMs of [0, Number.NaN, -5])
      await assert.rejects(single.execute("SELECT 1 AS a", [], { timeoutMs }), refused);
    assert.equal((await inTime("a query after", single.query(numbers(3)))).length, 3);
  });

  it("takes as many parameters as its protocol, and says so when there are more", async () => {
    // SQLite has a limit of its own, which is lower.
    if (database().dialect === "sqlite") return;
    const { integer } = contractSql[database().dialect];
    const sql = (count: number): string =>
      `SELECT 1 AS found WHERE 7 IN (${new Array(count).fill(integer("?")).join(", ")})`;
    for (const count of [32_768, 65_535]) {
      const params = new Array(count).fill(5).with(-1, 7);
      assert.deepEqual(await database().query(sql(count), params), [{ found: 1 }]);
    }
    await assert.rejects(database().query(sql(65_536), new Array(65_536).fill(7)), {
      code: "SLUICE_QUERY_FAILED",
      message: /65536 placeholders/,
    });
  });

  it("runs many at a time, each with its own answer", async () => {
    const { integer } = contractSql[database().dialect];
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => database().query(`SELECT ${integer("?")} AS n`, [index])),
    );
    for (const [index, rows] of answers.entries()) assert.deepEqual(rows, [{ n: index }]);
  });

  it("counts all of it", async () => {
    const counted = await openWith();
    await counted.query("SELECT 1 AS a");
    await counted.query("SELEKT").catch(() => {});
    const stats = counted.stats();
    assert.equal(stats.queries, 2);
    assert.equal(stats.errors, 1);
    assert.ok(stats.connects >= 1);
    assert.ok(stats.size >= 1 && stats.size <= stats.maxSize);
    assert.equal(stats.waiting, 0);
    assert.equal(stats.breaker, "closed");
    assert.equal(stats.queryMs.count, 2);
    await waitFor("its connections to be idle", () => counted.stats().busy === 0);
  });
}

function streamsContract({ database, openWith }: ContractContext): void {
  it("gives all rows in order, however many at a time", async () => {
    const { numbers } = contractSql[database().dialect];
    for (const batchRows of [1, 7, 100, 5_000]) {
      let expected = 0;
      const rows = database().stream<{ n: number }>(numbers(1_000), [], { batchRows });
      for await (const { n } of rows) {
        expected += 1;
        assert.equal(n, expected);
      }
      assert.equal(expected, 1_000);
    }
  });

  it("takes parameters, and gives nothing where there is nothing", async () => {
    const { integer } = contractSql[database().dialect];
    const sql = `SELECT ${integer("?")} AS n`;
    assert.deepEqual(await collected(database().stream(sql, [4])), [{ n: 4 }]);
    assert.deepEqual(await collected(database().stream(`SELECT n FROM (${sql}) t WHERE n < 0`, [4])), []);
  });

  it("has no limit of rows", async () => {
    const small = await openWith({ maxRows: 5 });
    const { numbers } = contractSql[database().dialect];
    assert.equal((await collected(small.stream(numbers(50)))).length, 50);
  });

  it("lets its connection go when the loop is left, by break or by an error", async () => {
    const single = await openWith({ maxConnections: 1 });
    const { numbers } = contractSql[single.dialect];
    for (let time = 0; time < 3; time++) {
      for await (const row of single.stream(numbers(100_000), [], { batchRows: 10 })) if (row) break;
      const failing = async (): Promise<void> => {
        for await (const row of single.stream(numbers(100_000))) if (row) throw new Error("enough");
      };
      await assert.rejects(failing(), { message: "enough" });
    }
    assert.equal((await inTime("a query after", single.query(numbers(3)))).length, 3);
  });

  it("holds only a few rows, however many there are and however slowly they are read", async () => {
    const { wideNumbers } = contractSql[database().dialect];
    const rows = database().stream(wideNumbers(3_000, 30_000), [], { batchRows: 5 });
    const iterator = rows[Symbol.asyncIterator]();
    const before = heldBytes();
    for (let row = 0; row < 10; row++) await iterator.next();
    for (let time = 0; time < 200; time++) await turn();
    const held = heldBytes() - before;
    await iterator.return?.();
    assert.ok(held < 45_000_000, `${held} bytes are held of 90 million`);
  });

  it("says what is wrong with the statement in the loop", async () => {
    await assert.rejects(collected(database().stream("SELEKT")), { code: "SLUICE_QUERY_FAILED" });
    await assert.rejects(collected(database().stream("SELECT 1 AS a", [1])), {
      code: "SLUICE_PARAMETER_COUNT",
    });
  });

  it("ends with a coded error when its signal is aborted in the midst of it", async () => {
    const single = await openWith({ maxConnections: 1 });
    const { numbers } = contractSql[single.dialect];
    const stopping = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const row of single.stream(numbers(100_000), [], { signal: stopping.signal, batchRows: 5 }))
        if (row) stopping.abort();
    };
    await assert.rejects(reading(), { code: "SLUICE_QUERY_CANCELLED" });
    assert.equal(getEventListeners(stopping.signal, "abort").length, 0);
    assert.equal((await inTime("a query after", single.query(numbers(3)))).length, 3);
  });
}

function cancellingContract({ openWith }: ContractContext): void {
  it("has the server stop a query at its deadline, and uses the connection again", async () => {
    const single = await openWith({ maxConnections: 1 });
    const sql = contractSql[single.dialect];
    await assert.rejects(inTime("the deadline", single.query(sql.slow, [], { timeoutMs: 100 })), {
      code: "SLUICE_QUERY_TIMEOUT",
      message: /for 100 ms/,
    });
    assert.deepEqual(await inTime("a query after", single.query("SELECT 1 AS a")), [{ a: 1 }]);
    assert.equal(single.stats().timeouts, 1);
    await waitUntilNotRunning(single);
  });

  it("has the server stop a query when its caller gives up, and lets go of the signal", async () => {
    const single = await openWith({ maxConnections: 1 });
    const sql = contractSql[single.dialect];
    const stopping = new AbortController();
    const query = single.query(sql.slow, [], { signal: stopping.signal });
    const failed = assert.rejects(inTime("the query to end", query), {
      code: "SLUICE_QUERY_CANCELLED",
      cause: "no longer wanted",
    });
    await waitFor("the query to run", () => single.stats().busy >= 1);
    stopping.abort("no longer wanted");
    await failed;
    assert.equal(getEventListeners(stopping.signal, "abort").length, 0);
    assert.deepEqual(await inTime("a query after", single.query("SELECT 1 AS a")), [{ a: 1 }]);
    await waitUntilNotRunning(single);
  });

  it("runs nothing for a signal that has been aborted before", async () => {
    const database = await openWith();
    await assert.rejects(database.query("SELECT 1 AS a", [], { signal: AbortSignal.abort() }), {
      code: "SLUICE_QUERY_CANCELLED",
    });
    assert.equal(database.stats().queries, 0);
  });

  it("takes its listener off the signal of a query that is done", async () => {
    const database = await openWith();
    const { signal } = new AbortController();
    await database.query("SELECT 1 AS a", [], { signal });
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("has a deadline for a query that says nothing, and none for null", async () => {
    const impatient = await openWith({ queryTimeoutMs: 100 });
    const sql = contractSql[impatient.dialect];
    await assert.rejects(inTime("the deadline", impatient.query(sql.slow)), { code: "SLUICE_QUERY_TIMEOUT" });
    assert.equal((await impatient.query(sql.ratherSlow, [], { timeoutMs: null })).length, 1);
  });
}

async function waitUntilNotRunning(database: Database): Promise<void> {
  const { countRunning } = contractSql[database.dialect];
  if (countRunning === undefined) return;
  await waitFor("the server to run it no more", async () => {
    const [row] = await database.query<{ running: number }>(countRunning);
    return row?.running === 0;
  });
}

function transactionsContract({ database, openWith }: ContractContext): void {
  beforeEach(async () => {
    await recreate(database(), "contract_items", contractSql[database().dialect].itemsColumns);
  });
  const names = async (): Promise<string[]> => {
    const rows = await database().query<{ name: string }>("SELECT name FROM contract_items ORDER BY name");
    return rows.map(({ name }) => name);
  };
  const insert = "INSERT INTO contract_items (name) VALUES (?)";

  it("commits what a function has done when it returns, and gives what it returns", async () => {
    const result = await database().transaction(async (tx) => {
      await tx.execute(insert, ["one"]);
      await tx.execute(insert, ["two"]);
      assert.equal((await tx.query("SELECT name FROM contract_items")).length, 2, "it sees its own work");
      return "done";
    });
    assert.equal(result, "done");
    assert.deepEqual(await names(), ["one", "two"]);
  });

  it("undoes everything when the function throws, and gives what it throws", async () => {
    const failure = new Error("mine");
    const failing = database().transaction(async (tx) => {
      await tx.execute(insert, ["one"]);
      throw failure;
    });
    await assert.rejects(failing, (error) => error === failure);
    assert.deepEqual(await names(), []);
  });

  it("keeps others from seeing what isn't committed", async () => {
    await database().transaction(async (tx) => {
      await tx.execute(insert, ["one"]);
      assert.deepEqual(await names(), []);
    });
    assert.deepEqual(await names(), ["one"]);
  });

  it("undoes everything when a statement fails", async () => {
    const failing = database().transaction(async (tx) => {
      await tx.execute(insert, ["one"]);
      await tx.execute(insert, ["one"]);
    });
    await assert.rejects(failing, { code: "SLUICE_CONSTRAINT_VIOLATED" });
    assert.deepEqual(await names(), []);
  });

  it("undoes only what is within when a transaction within fails", async () => {
    await database().transaction(async (tx) => {
      await tx.execute(insert, ["outer"]);
      const failing = tx.transaction(async (inner) => {
        await inner.execute(insert, ["inner"]);
        await inner.execute(insert, ["outer"]);
      });
      await assert.rejects(failing, { code: "SLUICE_CONSTRAINT_VIOLATED" });
      await tx.transaction(async (inner) => {
        await inner.execute(insert, ["second"]);
        await inner.transaction((innermost) => innermost.execute(insert, ["third"]));
      });
    });
    assert.deepEqual(await names(), ["outer", "second", "third"]);
  });

  it("runs statements that are asked for at once one after the other", async () => {
    await database().transaction(async (tx) => {
      await Promise.all(["a", "b", "c", "d"].map((name) => tx.execute(insert, [name])));
    });
    assert.deepEqual(await names(), ["a", "b", "c", "d"]);
  });

  it("streams", async () => {
    const { numbers } = contractSql[database().dialect];
    const count = await database().transaction(async (tx) => {
      for await (const row of tx.stream(numbers(1_000))) if (row) break;
      return (await collected(tx.stream(numbers(500)))).length;
    });
    assert.equal(count, 500);
  });

  it("ends with its function", async () => {
    let kept: Transaction | undefined;
    await database().transaction(async (tx) => {
      kept = tx;
    });
    await assert.rejects(async () => kept?.query("SELECT 1 AS a"), { code: "SLUICE_TRANSACTION_ENDED" });
    await assert.rejects(async () => kept?.transaction(async () => {}), { code: "SLUICE_TRANSACTION_ENDED" });
  });

  it("ends those within that weren't awaited, and undoes what they did", async () => {
    const single = await openWith({ maxConnections: 1 });
    await recreate(single, "contract_items", contractSql[single.dialect].itemsColumns);
    for (const outcome of ["returns", "throws"]) {
      const later = new Deferred();
      let within: Promise<void> | undefined;
      const around = single.transaction(async (tx) => {
        await tx.execute(insert, [`around, ${outcome}`]);
        const begun = new Deferred();
        within = tx.transaction(async (inner) => {
          await inner.execute(insert, ["within"]);
          begun.resolve();
          await later.promise;
          await inner.execute(insert, ["late"]);
        });
        within.catch(() => {});
        await begun.promise;
        if (outcome === "throws") throw new Error("mine");
      });
      if (outcome === "throws") await assert.rejects(around, /mine/);
      else await inTime("the one around", around);
      // On the same connection, in which a late statement would be in this one.
      await single.transaction(async (tx) => {
        later.resolve();
        await assert.rejects(async () => within, { code: "SLUICE_TRANSACTION_ENDED" });
        await tx.execute(insert, [outcome]);
      });
    }
    const rows = await single.query<{ name: string }>("SELECT name FROM contract_items ORDER BY id");
    assert.deepEqual(
      rows.map(({ name }) => name),
      ["around, returns", "returns", "throws"],
    );
  });

  it("waits for what was asked for and not awaited", async () => {
    await database().transaction(async (tx) => {
      void tx.execute(insert, ["late"]);
    });
    assert.deepEqual(await names(), ["late"]);
  });

  it("is rolled back at its deadline, even if its function never returns", async () => {
    const single = await openWith({ maxConnections: 1 });
    await recreate(single, "contract_items", contractSql[single.dialect].itemsColumns);
    const never = single.transaction(
      async (tx) => {
        await tx.execute(insert, ["one"]);
        await new Promise(() => {});
      },
      { timeoutMs: 100 },
    );
    await assert.rejects(inTime("the deadline", never), { code: "SLUICE_QUERY_TIMEOUT" });
    assert.deepEqual(await inTime("a query after", single.query("SELECT id FROM contract_items")), []);
  });

  it("is rolled back when its caller gives up in the midst of a statement", async () => {
    const stopping = new AbortController();
    const { slow } = contractSql[database().dialect];
    const transaction = database().transaction(
      async (tx) => {
        await tx.execute(insert, ["one"]);
        const query = tx.query(slow);
        stopping.abort();
        await query;
      },
      { signal: stopping.signal },
    );
    await assert.rejects(inTime("the end", transaction), { code: "SLUICE_QUERY_CANCELLED" });
    assert.deepEqual(await names(), []);
  });

  it("takes every isolation, and refuses to write where it only reads", async () => {
    for (const isolation of ["read committed", "repeatable read", "serializable"] as const) {
      await database().transaction((tx) => tx.execute(insert, [isolation]), { isolation });
    }
    assert.equal((await names()).length, 3);
    const readOnly = { readOnly: true };
    const counted = await database().transaction((tx) => tx.query("SELECT id FROM contract_items"), readOnly);
    assert.equal(counted.length, 3);
    await assert.rejects(
      database().transaction((tx) => tx.execute(insert, ["no"]), readOnly),
      { code: "SLUICE_QUERY_FAILED" },
    );
  });

  it("begins and ends in no other way, so that no connection is left within one", async () => {
    const single = await openWith({ maxConnections: 1 });
    await recreate(single, "contract_items", contractSql[single.dialect].itemsColumns);
    for (const sql of ["BEGIN", "/* now */ commit", "ROLLBACK", "SAVEPOINT one"])
      await assert.rejects(single.execute(sql), {
        code: "SLUICE_QUERY_FAILED",
        message: /use transaction\(\)/,
      });
    await single.execute(insert, ["kept"]);
    await single.transaction(async (tx) => {
      await tx.execute(insert, ["also kept"]);
      for (const sql of ["BEGIN", "COMMIT", "ROLLBACK"])
        await assert.rejects(tx.execute(sql), {
          code: "SLUICE_QUERY_FAILED",
          message: /ends with its function/,
        });
    });
    assert.equal((await single.query("SELECT name FROM contract_items")).length, 2);
  });

  it("refuses options that are none, and lets nothing of them into SQL", async () => {
    const isolation = "serializable; DROP TABLE contract_items" as "serializable";
    for (const options of [{ isolation }, { retries: Number.NaN }, { readOnly: 1 as unknown as boolean }])
      await assert.rejects(
        database().transaction(async () => {}, options),
        { code: "SLUICE_INVALID_OPTION" },
      );
    assert.deepEqual(await names(), []);
  });

  it("loses nothing when many change the same row at a time", async () => {
    await database().execute("INSERT INTO contract_items (name, amount) VALUES (?, ?)", ["counter", 0]);
    const { forUpdate } = contractSql[database().dialect];
    await Promise.all(
      Array.from({ length: 20 }, () =>
        database().transaction(async (tx) => {
          const [row] = await tx.query<{ amount: number }>(
            `SELECT amount FROM contract_items WHERE name = ? ${forUpdate}`,
            ["counter"],
          );
          await tx.execute("UPDATE contract_items SET amount = ? WHERE name = ?", [
            (row?.amount ?? 0) + 1,
            "counter",
          ]);
        }),
      ),
    );
    const [row] = await database().query("SELECT amount FROM contract_items WHERE name = ?", ["counter"]);
    assert.deepEqual(row, { amount: 20 });
  });

  it("is run again after a deadlock", async () => {
    // SQLite has one writer at a time, so that nobody can be in each other's way.
    if (database().dialect === "sqlite") return;
    await insertItems(database(), ["first", "second"]);
    const meeting = barrier(2);
    let attempts = 0;
    const update = "UPDATE contract_items SET amount = amount + 1 WHERE id = ?";
    const crossing = (one: number, other: number): Promise<void> => {
      let isFirstAttempt = true;
      return database().transaction(async (tx) => {
        attempts += 1;
        await tx.execute(update, [one]);
        if (isFirstAttempt) {
          isFirstAttempt = false;
          await meeting();
        }
        await tx.execute(update, [other]);
      });
    };
    await inTime("both transactions", Promise.all([crossing(1, 2), crossing(2, 1)]));
    assert.ok(attempts >= 3, `${attempts} attempts`);
    const rows = await database().query("SELECT amount FROM contract_items ORDER BY id");
    assert.deepEqual(rows, [{ amount: 2 }, { amount: 2 }]);
  });

  it("says that it got in the way of others when no retry is left", async () => {
    if (database().dialect === "sqlite") return;
    await insertItems(database(), ["first", "second"]);
    const meeting = barrier(2);
    const update = "UPDATE contract_items SET amount = amount + 1 WHERE id = ?";
    const crossing = (one: number, other: number): Promise<void> =>
      database().transaction(
        async (tx) => {
          await tx.execute(update, [one]);
          await meeting();
          await tx.execute(update, [other]);
        },
        { retries: 0 },
      );
    const outcomes = await inTime("both", Promise.allSettled([crossing(1, 2), crossing(2, 1)]));
    const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    assert.deepEqual(
      reasons.map(({ code }) => code),
      ["SLUICE_TRANSACTION_CONFLICT"],
    );
  });
}

function poolContract({ openWith }: ContractContext): void {
  /** Holds every place of a pool until it is released. */
  function filled(database: Database): () => Promise<void> {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    // As many as it takes: a driver may take more than it has connections.
    const holding: Promise<void>[] = [];
    while (database.stats().waiting === 0)
      holding.push(database.transaction(() => released, { timeoutMs: null }));
    // The last one waits itself, and may be refused.
    const settled = Promise.allSettled(holding);
    return async () => {
      release();
      await settled;
    };
  }

  it("connects when it is first used", async () => {
    const database = await openWith({ maxConnections: 2 });
    assert.equal(database.stats().connects, 0);
    assert.equal(database.stats().size, 0);
    await database.open();
    assert.ok(database.stats().connects >= 1);
    assert.deepEqual(database.health(), { status: "up" });
  });

  it("refuses at once who comes when too many are waiting", async () => {
    const database = await openWith({ maxConnections: 1, maxWaiting: 1 });
    const release = filled(database);
    await assert.rejects(database.query("SELECT 1 AS a"), { code: "SLUICE_POOL_FULL" });
    await assert.rejects(
      database.transaction(async () => {}),
      { code: "SLUICE_POOL_FULL" },
    );
    await assert.rejects(collected(database.stream("SELECT 1 AS a")), { code: "SLUICE_POOL_FULL" });
    assert.equal(database.stats().refused, 3);
    await release();
    assert.deepEqual(await database.query("SELECT 1 AS a"), [{ a: 1 }]);
  });

  it("refuses who has waited for too long", async () => {
    const database = await openWith({ maxConnections: 1, acquireTimeoutMs: 400 });
    const release = filled(database);
    await assert.rejects(inTime("the refusal", database.query("SELECT 1 AS a")), {
      code: "SLUICE_POOL_TIMEOUT",
    });
    await release();
    assert.deepEqual(await database.query("SELECT 1 AS a"), [{ a: 1 }]);
  });

  it("lets go of who gives up while waiting", async () => {
    const database = await openWith({ maxConnections: 1 });
    const release = filled(database);
    const stopping = new AbortController();
    const query = database.query("SELECT 1 AS a", [], { signal: stopping.signal });
    stopping.abort();
    await assert.rejects(query, { code: "SLUICE_QUERY_CANCELLED" });
    assert.equal(database.stats().waiting, 1);
    await release();
  });

  it("waits for what is under way when it is closed, and takes nothing more", async () => {
    const database = await openWith({ maxConnections: 2 });
    const sql = contractSql[database.dialect];
    const running = database.query(sql.ratherSlow);
    await waitFor("the query to run", () => database.stats().busy >= 1);
    const closed = database.close();
    await assert.rejects(database.query("SELECT 1 AS a"), { code: "SLUICE_POOL_CLOSED" });
    await assert.rejects(
      database.transaction(async () => {}),
      { code: "SLUICE_POOL_CLOSED" },
    );
    await assert.rejects(database.open(), { code: "SLUICE_POOL_CLOSED" });
    assert.equal((await running).length, 1);
    await closed;
    await database.close();
    assert.deepEqual(database.health(), { status: "closed" });
    assert.equal(database.stats().size, 0);
  });

  it("cancels what takes longer than it may when it is closed: queries, transactions, streams", async () => {
    const database = await openWith({ maxConnections: 3 });
    const sql = contractSql[database.dialect];
    const stream = database.stream(sql.numbers(100_000), [], { batchRows: 1 })[Symbol.asyncIterator]();
    await stream.next();
    const running = [
      database.query(sql.slow, [], { timeoutMs: null }),
      database.transaction(() => new Promise(() => {}), { timeoutMs: null, readOnly: true }),
    ];
    const ended = running.map((each) => assert.rejects(each, { code: "SLUICE_POOL_CLOSED" }));
    await inTime("closing", database.close({ drainMs: 50 }));
    await Promise.all(ended);
    await assert.rejects(async () => stream.next(), { code: "SLUICE_POOL_CLOSED" });
    await waitFor("its connections to be gone", () => database.stats().size === 0);
  });

  it("refuses those who wait when it is closed", async () => {
    const database = await openWith({ maxConnections: 1 });
    const release = filled(database);
    const waiting = assert.rejects(database.query("SELECT 1 AS a"), { code: "SLUICE_POOL_CLOSED" });
    const closed = database.close();
    await waiting;
    await release();
    await inTime("closing", closed);
  });
}

async function recreate(database: Database, table: string, columns: string): Promise<void> {
  await database.execute(`DROP TABLE IF EXISTS ${table}`);
  await database.execute(`CREATE TABLE ${table} (${columns})`);
}

async function insertItems(database: Database, names: readonly string[]): Promise<void> {
  for (const name of names) await database.execute("INSERT INTO contract_items (name) VALUES (?)", [name]);
}

async function collected<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Lets everyone through once so many have come. */
function barrier(count: number): () => Promise<void> {
  let come = 0;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    come += 1;
    if (come === count) open();
    return opened;
  };
}
