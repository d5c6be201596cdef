import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from "node:test";
import { SluiceError } from "../../../src/errors/index.ts";
import type { Database } from "../../../src/pools/database/database.ts";
import type { DatabaseOptions } from "../../../src/pools/database/database-options.ts";
import { openDatabase } from "../../../src/pools/database/open-database.ts";
import { portOf } from "../../support/port-of.ts";
import { freePort } from "../../support/servers/free-port.ts";
import type { LiveServer } from "../../support/servers/live-server.ts";
import { mariadbSkip, startMariadb } from "../../support/servers/mariadb.ts";
import { postgresSkip, startPostgres } from "../../support/servers/postgres.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

const MAX_CONNECTIONS = 4;
const ASKERS = 40;
const MAX_WAITING = 60;
const OPTIONS: DatabaseOptions = { maxConnections: MAX_CONNECTIONS, maxWaiting: MAX_WAITING };
// Where a server says nothing, nothing but these ends the waiting.
const IMPATIENT: DatabaseOptions = {
  acquireTimeoutMs: 1_000,
  queryTimeoutMs: 1_000,
  connectTimeoutMs: 1_500,
};
// What may come while the server is away. That the time for a query is up shows a server that says nothing.
const MEANWHILE = new Set([
  "SLUICE_UNREACHABLE",
  "SLUICE_CONNECTION_LOST",
  "SLUICE_QUERY_TIMEOUT",
  "SLUICE_POOL_TIMEOUT",
]);

outages("PostgreSQL", postgresSkip, startPostgres, {
  slow: (mark) => `SELECT pg_sleep(60) /* ${mark} */`,
  running: (mark) =>
    `SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${mark}%'`,
  begins: "SELECT pg_backend_pid() AS id",
  end: (id) => `SELECT pg_terminate_backend(${id})`,
  lock: "SELECT pg_advisory_lock(hashtextextended('sluice_migrations', 0))",
  waiting: "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
});

outages("MariaDB", mariadbSkip, startMariadb, {
  slow: (mark) => `SELECT SLEEP(60) /* ${mark} */`,
  running: (mark) => `SELECT count(*) AS n FROM information_schema.processlist WHERE info LIKE '%${mark}%'`,
  begins: "SELECT CONNECTION_ID() AS id",
  end: (id) => `KILL ${id}`,
  lock: "SELECT GET_LOCK(SHA1(CONCAT_WS('/', DATABASE(), 'sluice_migrations')), 0)",
  waiting: "SELECT count(*) AS n FROM information_schema.processlist WHERE state = 'User lock'",
});

interface OutageSql {
  /** What takes a minute. The mark tells one test's from another's, which a server that was paused may still run. */
  readonly slow: (mark: string) => string;
  /** How many statements with a mark there are, this one included. */
  readonly running: (mark: string) => string;
  /** Which connection this is, and what ends one. */
  readonly begins: string;
  readonly end: (id: number) => string;
  /** What takes the lock of the migrations, and how many wait for it. */
  readonly lock: string;
  readonly waiting: string;
}

function outages(name: string, skip: string | false, start: () => Promise<LiveServer>, sql: OutageSql): void {
  describe(`${name} that goes away`, { skip }, () => {
    let server: LiveServer;
    const opened: Database[] = [];
    const open = async (options: DatabaseOptions = {}, url = server.url): Promise<Database> => {
      const database = await openDatabase(url, { ...OPTIONS, ...options });
      opened.push(database);
      return database;
    };
    before(async () => {
      server = await start();
    });
    afterEach(async () => {
      server.resume();
      await Promise.all(opened.splice(0).map((database) => database.close({ drainMs: 0 })));
    });
    after(() => server.kill());

    for (const [what, options, away, back] of [
      ["is killed", {}, () => server.kill(), () => server.restart()],
      ["is stopped", {}, () => server.stop(), () => server.restart()],
      ["is paused", IMPATIENT, async () => server.pause(), async () => server.resume()],
    ] as const) {
      it(`${what} under load: coded errors, no more waiting than allowed, and then it goes on`, async (t) => {
        const database = await open(options);
        const load = new Load(t, database);
        await waitFor("the load to run", () => load.good > 200);
        await away();
        await waitFor("errors", () => load.codes.size > 0 && database.stats().breaker !== "closed");
        await back();
        const { good } = load;
        await waitFor("the load to run again", () => load.good > good + 200);
        await inTime("the load to end", load.stop());
        assert.deepEqual(
          [...load.codes].filter((code) => !MEANWHILE.has(code)),
          [],
        );
        assert.equal(load.strange.length, 0, String(load.strange[0]));
        assert.ok(load.mostWaiting <= MAX_WAITING && load.mostConnections <= MAX_CONNECTIONS);
        assert.equal(database.health().status, "up");
      });
    }

    it("is paused, and those who ask wait for less time than connecting may take: they are told at once", async () => {
      const database = await open({ queryTimeoutMs: 200, connectTimeoutMs: 600 });
      server.pause();
      await waitFor("the circuit breaker to open", async () => {
        await assert.rejects(database.query("SELECT 1 AS one"));
        return database.stats().breaker !== "closed";
      });
      await assert.rejects(database.query("SELECT 1 AS one"), { code: "SLUICE_UNREACHABLE" });
      server.resume();
      await waitFor("it to be back", () => answers(database));
    });

    it("is started again while nobody asks: the next query finds it", async () => {
      const database = await open();
      await Promise.all(Array.from({ length: 8 }, () => database.query("SELECT 1 AS one")));
      assert.ok(database.stats().size > 1);
      await server.restart();
      await waitFor("the connections to be gone", () => database.stats().size === 0);
      assert.deepEqual(await database.query("SELECT 1 AS one"), [{ one: 1 }]);
    });

    it("ends an idle connection: the next query gets another", async () => {
      const [database, other] = [await open({ maxConnections: 1 }), await open()];
      const [before] = await database.query<{ id: number }>(sql.begins);
      await other.query(sql.end(before?.id ?? 0));
      await waitFor("the connection to be gone", () => database.stats().size === 0);
      const [behind] = await database.query<{ id: number }>(sql.begins);
      assert.notEqual(behind?.id, before?.id);
    });

    it("ends a connection under a query: that it's lost is said, and the next query gets another", async () => {
      const [database, other] = [await open({ maxConnections: 1, queryTimeoutMs: null }), await open()];
      const [before] = await database.query<{ id: number }>(sql.begins);
      // Heard from now on: it may be lost before the one who ends it has been answered.
      const lost = assert.rejects(database.query(sql.slow("lost")), { code: "SLUICE_CONNECTION_LOST" });
      await waitFor("the query to run", async () => (await running(other, sql.running("lost"))) > 1);
      await other.query(sql.end(before?.id ?? 0));
      await lost;
      assert.equal((await database.query("SELECT 1 AS one")).length, 1);
    });

    it("is paused within a transaction: it fails in time, and nothing of it is left", async () => {
      const database = await open(IMPATIENT);
      await database.execute("CREATE TABLE IF NOT EXISTS outage_items (id INTEGER)");
      const began = performance.now();
      await assert.rejects(
        database.transaction(async (tx) => {
          await tx.execute("INSERT INTO outage_items (id) VALUES (1)");
          server.pause();
          await tx.execute("INSERT INTO outage_items (id) VALUES (2)");
        }),
        (error) => error instanceof SluiceError && MEANWHILE.has(error.code),
      );
      assert.ok(performance.now() - began < 10_000);
      server.resume();
      await waitFor("it to be back", () => answers(database));
      await waitFor("its rows to be gone", async () => {
        const [row] = await database.query<{ n: number }>("SELECT count(*) AS n FROM outage_items");
        return row?.n === 0;
      });
    });

    it("is paused during a commit: at the deadline it is said that nobody knows", async () => {
      const database = await open({ maxConnections: 1 });
      const began = performance.now();
      const transaction = database.transaction(
        async (tx) => {
          await tx.query("SELECT 1 AS one");
          server.pause();
        },
        { timeoutMs: 3_000 },
      );
      await assert.rejects(transaction, { code: "SLUICE_COMMIT_UNKNOWN" });
      assert.ok(performance.now() - began < 10_000);
      server.resume();
      await waitFor("it to be back", () => answers(database));
    });

    it("replaces connections whose time is up, and no query fails for it", async (t) => {
      const database = await open({ maxLifetimeMs: 100 });
      const load = new Load(t, database);
      await waitFor("connections to be replaced", () => database.stats().connects > 3 * MAX_CONNECTIONS);
      await load.stop();
      assert.deepEqual([[...load.codes], load.strange], [[], []]);
      assert.ok(load.mostConnections <= MAX_CONNECTIONS);
    });

    it("lets idle connections go", async () => {
      const database = await open({ idleTimeoutMs: 50 });
      await database.query("SELECT 1 AS one");
      assert.equal(database.stats().size, 1);
      await waitFor("the connection to be closed", () => database.stats().size === 0);
    });

    it("stops what was under way when the pool is closed, in the server too", async () => {
      const [database, other] = [await open({ queryTimeoutMs: null }), await open()];
      const slow = assert.rejects(database.query(sql.slow("stopped")), { code: "SLUICE_POOL_CLOSED" });
      await waitFor("the query to run", async () => (await running(other, sql.running("stopped"))) > 1);
      await database.close({ drainMs: 0 });
      await slow;
      await waitFor("the query to be gone", async () => (await running(other, sql.running("stopped"))) === 1);
    });

    it("can be closed while the server is paused", async () => {
      const database = await open({ queryTimeoutMs: null });
      await database.query("SELECT 1 AS one");
      server.pause();
      const slow = assert.rejects(database.query(sql.slow("paused")));
      await inTime("the pool to be closed", database.close({ drainMs: 0 }), 8_000);
      await slow;
      server.resume();
    });

    migrations(sql, open, () => server.pause());
    refusals(sql, () => server, open);
  });
}

function migrations(
  sql: OutageSql,
  open: (options?: DatabaseOptions) => Promise<Database>,
  pause: () => void,
): void {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
  });
  afterEach(() => folder.remove());

  it("no longer waits for the lock of a migration when the pool is closed", async () => {
    const [database, holder, other] = [await open(), await open({ maxConnections: 1 }), await open()];
    await holder.query(sql.lock);
    folder.write("001-first.sql", "CREATE TABLE outage_migrated (id INTEGER)");
    const ended = assert.rejects(database.migrate(folder.path), { code: "SLUICE_POOL_CLOSED" });
    await waitFor("the migration to wait", async () => (await running(other, sql.waiting)) === 1);
    await inTime("the pool to be closed", database.close({ drainMs: 0 }));
    await waitFor("the server to have heard", async () => (await running(other, sql.waiting)) === 0);
    await ended;
    await assert.rejects(other.query("SELECT id FROM outage_migrated"), { code: "SLUICE_QUERY_FAILED" });
  });

  it("does nothing more of a migration when the pool has been closed", async () => {
    const [database, other] = [await open({ queryTimeoutMs: null }), await open()];
    folder.write("001-slow.sql", `${sql.slow("migrating")}; CREATE TABLE outage_after (id INTEGER)`);
    folder.write("002-next.sql", "CREATE TABLE outage_next (id INTEGER)");
    const ended = assert.rejects(database.migrate(folder.path), { code: "SLUICE_POOL_CLOSED" });
    await waitFor("the migration to run", async () => (await running(other, sql.running("migrating"))) > 1);
    await inTime("the pool to be closed", database.close({ drainMs: 0 }));
    // A server says that it stopped a statement before its own list of them does.
    await waitFor("the query to be gone", async () => (await running(other, sql.running("migrating"))) === 1);
    await ended;
    for (const table of ["outage_after", "outage_next"])
      await assert.rejects(other.query(`SELECT id FROM ${table}`), { code: "SLUICE_QUERY_FAILED" });
  });

  it("gives up a migration when the pool is closed while the server is paused", async () => {
    const [database, other] = [await open({ queryTimeoutMs: null }), await open()];
    folder.write("001-slow.sql", sql.slow("halted"));
    const ended = assert.rejects(database.migrate(folder.path), { code: "SLUICE_POOL_CLOSED" });
    await waitFor("the migration to run", async () => (await running(other, sql.running("halted"))) > 1);
    pause();
    await inTime("the pool to be closed", database.close({ drainMs: 0 }), 8_000);
    await ended;
  });
}

function refusals(
  sql: OutageSql,
  server: () => LiveServer,
  open: (options?: DatabaseOptions, url?: string) => Promise<Database>,
): void {
  const changed = (change: (url: URL) => void): string => {
    const url = new URL(server().url);
    change(url);
    return url.href;
  };

  it("says so when the password is wrong, and doesn't say the password", async () => {
    const url = changed((each) => {
      each.password = "hunter2";
    });
    const database = await open({}, url);
    await assert.rejects(
      database.query(sql.begins),
      (error) =>
        error instanceof SluiceError &&
        error.code === "SLUICE_CREDENTIALS_REFUSED" &&
        !error.message.includes("hunter2"),
    );
  });

  it("says so when there is no such database", async () => {
    const url = changed((each) => {
      each.pathname = "/nowhere";
    });
    const database = await open({}, url);
    await assert.rejects(database.open(), { code: "SLUICE_CREDENTIALS_REFUSED" });
  });

  it("says so when nobody listens", async () => {
    const port = await freePort();
    const url = changed((each) => {
      each.port = String(port);
    });
    const database = await open({}, url);
    await assert.rejects(database.query("SELECT 1"), { code: "SLUICE_UNREACHABLE", message: /ECONNREFUSED/ });
  });

  it("says so when there is no such host", async () => {
    const url = changed((each) => {
      each.hostname = "nowhere.invalid";
    });
    const database = await open({}, url);
    await assert.rejects(database.query("SELECT 1"), { code: "SLUICE_UNREACHABLE" });
  });

  it("says so when somebody listens who says nothing", async (t) => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => {
      socket.on("error", () => {});
      sockets.push(socket);
    });
    const port = await portOf(silent);
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const url = changed((each) => {
      each.port = String(port);
    });
    const database = await open({ connectTimeoutMs: 200 }, url);
    await assert.rejects(database.query("SELECT 1"), { code: "SLUICE_UNREACHABLE" });
  });
}

async function running(database: Database, sql: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(sql);
  return row?.n ?? 0;
}

function answers(database: Database): Promise<boolean> {
  return database.query("SELECT 1").then(
    () => true,
    () => false,
  );
}

/** Many who ask without end, and what they are told. */
class Load {
  good = 0;
  mostWaiting = 0;
  mostConnections = 0;
  readonly codes = new Set<string>();
  /** Errors that have no code. */
  readonly strange: unknown[] = [];
  readonly #database: Database;
  readonly #askers: Promise<void>[];
  #isOver = false;

  constructor(t: TestContext, database: Database) {
    this.#database = database;
    t.after(() => this.stop());
    this.#askers = Array.from({ length: ASKERS }, (_, index) => this.#ask(index));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#askers);
  }

  async #ask(index: number): Promise<void> {
    while (!this.#isOver) {
      const { waiting, size } = this.#database.stats();
      this.mostWaiting = Math.max(this.mostWaiting, waiting);
      this.mostConnections = Math.max(this.mostConnections, size);
      try {
        const [row] = await this.#database.query<{ n: number }>(`SELECT ${index} AS n`);
        assert.equal(row?.n, index);
        this.good += 1;
      } catch (error) {
        if (error instanceof SluiceError) this.codes.add(error.code);
        else this.strange.push(error);
        // Whoever is refused at once asks again at once: the loop has to get its turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
}
