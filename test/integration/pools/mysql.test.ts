import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Database } from "../../../src/pools/database/database.ts";
import type { DatabaseOptions } from "../../../src/pools/database/database-options.ts";
import { openDatabase } from "../../../src/pools/database/open-database.ts";
import { databaseContract } from "../../support/database-contract.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { mariadbSkip, startMariadb } from "../../support/servers/mariadb.ts";
import { tlsIdentity } from "../../support/tls-identity.ts";
import { waitFor } from "../../support/wait-for.ts";

describe("MariaDB", { skip: mariadbSkip }, () => {
  let server: LiveServer;
  const opened: Database[] = [];
  const open = async (options: DatabaseOptions = {}, query = ""): Promise<Database> => {
    const database = await openDatabase(`${server.url}${query}`, { maxConnections: 1, ...options });
    opened.push(database);
    return database;
  };
  before(async () => {
    server = await startMariadb(
      // That the server's clock is elsewhere may not show.
      { "ssl-cert": "../cert.pem", "ssl-key": "../key.pem", "default-time-zone": "-05:00" },
      { "cert.pem": tlsIdentity.cert, "key.pem": tlsIdentity.key },
    );
  });
  afterEach(() => Promise.all(opened.splice(0).map((database) => database.close({ drainMs: 0 }))));
  after(() => server.kill());

  databaseContract("MariaDB", (options) => openDatabase(server.url, options));

  it("keeps so many prepared statements at most, and prepares each once", async () => {
    const database = await open();
    const status = async (name: string): Promise<number> => {
      const [row] = await database.query(`SHOW GLOBAL STATUS LIKE '${name}'`);
      return Number(row?.["Value"]);
    };
    const before = await status("Prepared_stmt_count");
    for (let index = 0; index < 400; index++) await database.query(`SELECT ${index} AS n`);
    assert.ok((await status("Prepared_stmt_count")) - before <= 256);
    const prepared = await status("Com_stmt_prepare");
    for (let index = 0; index < 20; index++) await database.query("SELECT ? AS n", [index]);
    assert.ok((await status("Com_stmt_prepare")) - prepared < 20);
  });

  it("goes on after a change of the schema", async () => {
    const database = await open();
    await database.execute("CREATE TABLE changing (id INTEGER)");
    await database.execute("INSERT INTO changing (id) VALUES (1)");
    assert.deepEqual(await database.query("SELECT * FROM changing"), [{ id: 1 }]);
    await database.execute("ALTER TABLE changing ADD COLUMN name TEXT");
    assert.deepEqual(await database.query("SELECT * FROM changing"), [{ id: 1, name: null }]);
  });

  it("takes one statement at a time", async () => {
    const database = await open();
    await assert.rejects(database.query("SELECT 1; SELECT 2"), { code: "SLUICE_QUERY_FAILED" });
  });

  it("takes the first rows of a procedure", async () => {
    const database = await open();
    await database.execute("CREATE PROCEDURE both_of_them() BEGIN SELECT 1 AS one; SELECT 2 AS two; END");
    assert.deepEqual(await database.query("CALL both_of_them()"), [{ one: 1 }]);
    assert.deepEqual(await database.query("SELECT 3 AS three"), [{ three: 3 }]);
  });

  it("gives up a connection that a procedure has left within a transaction", async () => {
    const database = await open();
    await database.execute("CREATE TABLE kept (id INTEGER)");
    await database.execute(
      "CREATE PROCEDURE opening() BEGIN START TRANSACTION; INSERT INTO kept VALUES (1); END",
    );
    for (const calling of [
      () => database.execute("CALL opening()"),
      () => database.stream("CALL opening()")[Symbol.asyncIterator]().next(),
    ]) {
      const { connects } = database.stats();
      await calling();
      await database.execute("INSERT INTO kept VALUES (2)");
      assert.equal(database.stats().connects, connects + 1);
    }
    const other = await open();
    assert.deepEqual(await other.query("SELECT id FROM kept"), [{ id: 2 }, { id: 2 }]);
  });

  it("counts rows that an update has found, changed or not, as the other databases do", async () => {
    const database = await open();
    await database.execute("CREATE TABLE same (id INTEGER)");
    await database.execute("INSERT INTO same (id) VALUES (1), (1)");
    assert.equal((await database.execute("UPDATE same SET id = 1")).affectedRows, 2);
  });

  it("gives large keys, small floats and integers without a sign as they are", async () => {
    const database = await open();
    await database.execute(
      "CREATE TABLE exact (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, small FLOAT, tiny TINYINT)",
    );
    const first = await database.execute("INSERT INTO exact (id, small, tiny) VALUES (?, ?, ?)", [
      2n ** 63n,
      0.1,
      7,
    ]);
    assert.equal(first.affectedRows, 1);
    const next = await database.execute("INSERT INTO exact (small) VALUES (0)");
    assert.equal(next.lastInsertId, 2n ** 63n + 1n);
    const [row] = await database.query("SELECT * FROM exact ORDER BY id LIMIT ?", [1]);
    assert.deepEqual(row, { id: 2n ** 63n, small: 0.1, tiny: 7 });
  });

  it("gives of columns with one name the last, as it is", async () => {
    const database = await open();
    await database.execute("CREATE TABLE twice (active BOOLEAN, doc JSON)");
    await database.execute("INSERT INTO twice (active, doc) VALUES (?, ?)", [true, ["[1]"]]);
    const both = "SELECT a.active, b.active, a.doc, b.doc FROM twice a, twice b";
    assert.deepEqual(await database.query(both), [{ active: true, doc: ["[1]"] }]);
    assert.deepEqual(await database.query("SELECT active, 5 AS active FROM twice"), [{ active: 5 }]);
    assert.deepEqual(await database.query("SELECT 5 AS active, active FROM twice"), [{ active: true }]);
    assert.deepEqual(await database.query("SELECT doc, '[2]' AS doc FROM twice"), [{ doc: "[2]" }]);
  });

  it("gives a column with a strange name like any other", async () => {
    const database = await open();
    const sql = "SELECT 1 AS `__proto__`, NULL AS `__defineGetter__`, 2 AS `constructor`";
    const [row = {}] = await database.query(sql);
    assert.deepEqual(Object.entries(row).toSorted(), [
      ["__defineGetter__", null],
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    for await (const streamed of database.stream(sql))
      assert.deepEqual(Object.entries(streamed), Object.entries(row));
    assert.equal(database.stats().connects, 1);
  });

  it("takes integers of 64 bits and the years that the driver reads right, and no others", async () => {
    const database = await open();
    const connects = async (): Promise<number> => {
      await database.query("SELECT 1 AS one");
      return database.stats().connects;
    };
    const before = await connects();
    for (const value of [2n ** 64n - 1n, -(2n ** 63n)])
      assert.deepEqual(await database.query("SELECT ? AS v", [value]), [{ v: value }]);
    for (const date of ["0100-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z"].map((text) => new Date(text)))
      assert.deepEqual(await database.query("SELECT CAST(? AS DATETIME) AS v", [date]), [{ v: date }]);
    const late = new Date(Date.UTC(10_000, 0));
    const early = new Date("0099-12-31T23:59:59.999Z");
    const invalid = { code: "SLUICE_INVALID_PARAMETER" };
    for (const value of [2n ** 64n, -(2n ** 63n) - 1n, late, early]) {
      await assert.rejects(database.query("SELECT ? AS v", [value]), invalid);
      const rows = database.stream("SELECT ? AS v", [value]);
      await assert.rejects(async () => rows[Symbol.asyncIterator]().next(), invalid);
      await assert.rejects(
        database.transaction((tx) => tx.query("SELECT ? AS v", [value])),
        invalid,
      );
    }
    assert.equal(await connects(), before);
  });

  it("can be encrypted, and then a query is cancelled all the same", async () => {
    const ssl = encodeURIComponent(JSON.stringify({ rejectUnauthorized: false }));
    const database = await open({}, `?ssl=${ssl}`);
    const [row] = await database.query("SHOW STATUS LIKE 'Ssl_cipher'");
    assert.notEqual(row?.["Value"], "");
    await assert.rejects(database.query("SELECT SLEEP(60)", [], { timeoutMs: 100 }), {
      code: "SLUICE_QUERY_TIMEOUT",
    });
    const watcher = await open();
    await waitFor("the query to be gone", async () => {
      const rows = await watcher.query(
        "SELECT 1 FROM information_schema.processlist WHERE info = 'SELECT SLEEP(60)'",
      );
      return rows.length === 0;
    });
  });

  it("doesn't trust a certificate that nobody has signed", async () => {
    const database = await open({}, "?ssl=true");
    await assert.rejects(database.query("SELECT 1"), { code: "SLUICE_UNREACHABLE", message: /self.signed/ });
  });

  it("refuses a URL that says what is not for it to say", async () => {
    await assert.rejects(open({}, "?multipleStatements=true"), { code: "SLUICE_INVALID_URL" });
  });
});
