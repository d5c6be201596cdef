import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { after, afterEach, before, describe, it } from "node:test";
import type { Database } from "../../../src/pools/database/database.ts";
import type { DatabaseOptions } from "../../../src/pools/database/database-options.ts";
import { openDatabase } from "../../../src/pools/database/open-database.ts";
import { databaseContract } from "../../support/database-contract.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { postgresSkip, startPostgres } from "../../support/servers/postgres.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { tlsIdentity } from "../../support/tls-identity.ts";
import { waitFor } from "../../support/wait-for.ts";

describe("PostgreSQL", { skip: postgresSkip }, () => {
  let server: LiveServer;
  const opened: Database[] = [];
  const open = async (options: DatabaseOptions = {}, query = ""): Promise<Database> => {
    const database = await openDatabase(`${server.url}${query}`, { maxConnections: 1, ...options });
    opened.push(database);
    return database;
  };
  before(async () => {
    server = await startPostgres(
      // Nothing of this may show.
      {
        ssl: "on",
        ssl_cert_file: "../cert.pem",
        ssl_key_file: "../key.pem",
        TimeZone: "America/New_York",
        DateStyle: "German",
        bytea_output: "escape",
      },
      { "cert.pem": tlsIdentity.cert, "key.pem": tlsIdentity.key },
    );
  });
  afterEach(() => Promise.all(opened.splice(0).map((database) => database.close({ drainMs: 0 }))));
  after(() => server.kill());

  databaseContract("PostgreSQL", (options) => openDatabase(server.url, options));

  it("keeps so many prepared statements at most", async () => {
    const database = await open();
    for (let index = 0; index < 400; index++) await database.query(`SELECT ${index} AS n`);
    const [row] = await database.query("SELECT count(*) AS n FROM pg_prepared_statements");
    assert.ok(Number(row?.["n"]) <= 256, String(row?.["n"]));
  });

  it("prepares a statement once", async () => {
    const database = await open();
    for (let index = 0; index < 5; index++) await database.query("SELECT ?::int AS n", [index]);
    const [row] = await database.query(
      "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement = 'SELECT $1::int AS n'",
    );
    assert.equal(row?.["n"], 1);
  });

  it("goes on after a change of the schema, and after the server has forgotten a statement", async () => {
    const database = await open();
    await database.execute("CREATE TABLE changing (id INTEGER)");
    await database.execute("INSERT INTO changing (id) VALUES (1)");
    assert.deepEqual(await database.query("SELECT * FROM changing"), [{ id: 1 }]);
    await database.execute("ALTER TABLE changing ADD COLUMN name TEXT");
    assert.deepEqual(await database.query("SELECT * FROM changing"), [{ id: 1, name: null }]);
    await database.execute("DEALLOCATE ALL");
    assert.deepEqual(await database.query("SELECT * FROM changing"), [{ id: 1, name: null }]);
  });

  it("goes on after a statement that could not be prepared", async () => {
    const database = await open();
    const sql = "SELECT id FROM not_yet";
    await assert.rejects(database.query(sql), { code: "SLUICE_QUERY_FAILED" });
    await database.execute("CREATE TABLE not_yet (id INTEGER)");
    assert.deepEqual(await database.query(sql), []);
  });

  it("goes on with a statement whose parameters could not be read when it was new", async () => {
    const database = await open();
    const sql = "SELECT ?::int AS n, ?::bool AS flag";
    await assert.rejects(database.query(sql, ["many", true]), { code: "SLUICE_QUERY_FAILED" });
    for (const n of [1, 2]) assert.deepEqual(await database.query(sql, [n, true]), [{ n, flag: true }]);
    await database.execute("CREATE TABLE unread (id INTEGER)");
    const insert = "INSERT INTO unread (id) VALUES (?)";
    await assert.rejects(database.execute(insert, ["x"]), { code: "SLUICE_QUERY_FAILED" });
    for (const id of [1, 2]) assert.equal((await database.execute(insert, [id])).affectedRows, 1);
  });

  it("says so when a transaction could not be committed because one of its statements had failed", async () => {
    const database = await open();
    await database.execute("CREATE TABLE swallowed (id INTEGER)");
    const swallowing = database.transaction(async (tx) => {
      await tx.execute("INSERT INTO swallowed (id) VALUES (1)");
      await tx.query("SELECT 1 / 0").catch(() => {});
    });
    await assert.rejects(swallowing, { code: "SLUICE_QUERY_FAILED" });
    assert.deepEqual(await database.query("SELECT id FROM swallowed"), []);
  });

  it("gives a column with a strange name like any other", async () => {
    const database = await open();
    const [row = {}] = await database.query(`SELECT '{"a":1}'::json AS "__proto__", 1 AS "constructor"`);
    assert.deepEqual(Object.keys(row), ["__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
  });

  it("refuses a statement with a NUL character in it", async () => {
    const database = await open();
    await assert.rejects(database.query("SELECT 1 \0; SELECT 2"), { code: "SLUICE_QUERY_FAILED" });
    assert.deepEqual(await database.query("SELECT 1 AS n"), [{ n: 1 }]);
  });

  it("can be encrypted, and then a query is cancelled all the same", async () => {
    const database = await open({}, "?sslmode=no-verify");
    const [row] = await database.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    assert.equal(row?.["ssl"], true);
    await assert.rejects(database.query("SELECT pg_sleep(60)", [], { timeoutMs: 100 }), {
      code: "SLUICE_QUERY_TIMEOUT",
    });
    const watcher = await open();
    await waitFor("the query to be gone", async () => {
      const rows = await watcher.query(
        "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'",
      );
      return rows.length === 0;
    });
  });

  it("has a query cancelled over a socket in a folder, too", async (t) => {
    const folder = new TemporaryFolder();
    // The server runs as another user.
    chmodSync(folder.path, 0o777);
    const local = await startPostgres({ unix_socket_directories: folder.path });
    t.after(async () => {
      await local.kill();
      folder.remove();
    });
    const url = `postgres://sluice:secret@${encodeURIComponent(folder.path)}:${local.port}/postgres`;
    const database = await openDatabase(url, { maxConnections: 1 });
    opened.push(database);
    const [{ address, pid } = {}] = await database.query(
      "SELECT inet_server_addr() AS address, pg_backend_pid() AS pid",
    );
    assert.equal(address, null);
    await assert.rejects(database.query("SELECT pg_sleep(60)", [], { timeoutMs: 100 }), {
      code: "SLUICE_QUERY_TIMEOUT",
    });
    // The server has heard of it: the connection didn't have to be given up.
    assert.deepEqual(await database.query("SELECT pg_backend_pid() AS pid"), [{ pid }]);
  });

  it("refuses a URL that names a file which isn't there", async () => {
    await assert.rejects(open({}, "?sslrootcert=/nope"), {
      code: "SLUICE_INVALID_URL",
      message: /\*\*\*.*\/nope/,
    });
  });

  it("doesn't trust a certificate that nobody has signed", async () => {
    const database = await open({}, "?sslmode=verify-full");
    await assert.rejects(database.query("SELECT 1"), { code: "SLUICE_UNREACHABLE", message: /self.signed/ });
  });

  it("says what it is called to the server", async () => {
    const database = await open({ name: "messages" });
    const [row] = await database.query("SELECT current_setting('application_name') AS name");
    assert.equal(row?.["name"], "messages");
  });
});
