import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { openDatabase } from "../../../src/pools/index.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { inTime, waitFor } from "../../support/wait-for.ts";

const PROGRAM = fileURLToPath(new URL("./sqlite-child.ts", import.meta.url));
const START_MS = 60_000;

interface Child {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown[]>;
  output: string;
}

describe("SQLite and processes", () => {
  let folder: TemporaryFolder;
  let path: string;

  beforeEach(() => {
    folder = new TemporaryFolder();
    path = join(folder.path, "test.db");
  });
  afterEach(() => folder.remove());

  function run(t: TestContext, ...args: string[]): Child {
    const process_ = spawn(process.execPath, ["--import", "tsx", PROGRAM, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const child: Child = { process: process_, exited: once(process_, "close"), output: "" };
    process_.stdout.setEncoding("utf8").on("data", (text: string) => {
      child.output += text;
    });
    t.after(() => process_.kill("SIGKILL"));
    return child;
  }

  it("has every insert that was acknowledged before the process was killed", async (t) => {
    const database = await openDatabase(`sqlite:${path}`);
    t.after(() => database.close());
    await database.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)");
    const child = run(t, "insert", path);
    await waitFor("some inserts", () => child.output.split("\n").length > 500, START_MS);
    child.process.kill("SIGKILL");
    await child.exited;
    const acknowledged = child.output.split("\n").slice(0, -1).map(Number);
    const rows = await database.query<{ n: number }>("SELECT n FROM numbers", [], { maxRows: 1_000_000 });
    const stored = new Set(rows.map(({ n }) => n));
    assert.deepEqual(
      acknowledged.filter((number) => !stored.has(number)),
      [],
    );
    assert.deepEqual(await database.query("PRAGMA integrity_check"), [{ integrity_check: "ok" }]);
    // The database is free: nothing of the process that is gone holds it.
    await inTime("another insert", database.execute("INSERT INTO numbers VALUES (-1)"));
  });

  it("loses no transaction between processes that write at one file", async (t) => {
    const database = await openDatabase(`sqlite:${path}`);
    t.after(() => database.close());
    await database.execute("CREATE TABLE counter (n INTEGER NOT NULL)");
    await database.execute("INSERT INTO counter VALUES (0)");
    const children = [run(t, "count", path, "40"), run(t, "count", path, "40")];
    await inTime("both", Promise.all(children.map(({ exited }) => exited)), START_MS);
    assert.deepEqual(
      children.map(({ output }) => output),
      ["done\n", "done\n"],
    );
    assert.deepEqual(await database.query("SELECT n FROM counter"), [{ n: 80 }]);
  });

  it("sees in one process what another has written and how it has changed the schema", async (t) => {
    const [one, other] = [await openDatabase(`sqlite:${path}`), await openDatabase(`sqlite:${path}`)];
    t.after(() => Promise.all([one.close(), other.close()]));
    await one.execute("CREATE TABLE t (a INTEGER)");
    await one.execute("INSERT INTO t VALUES (1)");
    assert.deepEqual(await other.query("SELECT * FROM t"), [{ a: 1 }]);
    await one.execute("ALTER TABLE t ADD COLUMN b BOOLEAN DEFAULT 1");
    assert.deepEqual(await other.query("SELECT * FROM t"), [{ a: 1, b: true }]);
  });

  it("applies migrations once, though several processes begin at a time", async (t) => {
    const migrations = join(folder.path, "migrations");
    mkdirSync(migrations);
    writeFileSync(join(migrations, "001-one.sql"), "CREATE TABLE one (a); INSERT INTO one VALUES (1);");
    writeFileSync(join(migrations, "002-two.sql"), "CREATE TABLE two (a);");
    const children = [1, 2, 3].map(() => run(t, "migrate", path, migrations));
    await inTime("all", Promise.all(children.map(({ exited }) => exited)), START_MS);
    const applied = children.map(({ output }) => JSON.parse(output) as string[]);
    assert.deepEqual(applied.flat().sort(), ["001-one.sql", "002-two.sql"]);
  });

  it("ends in good order when process.exit() is called in the middle of queries", async (t) => {
    const child = run(t, "exit", path);
    assert.deepEqual(await inTime("the exit", child.exited, START_MS), [7, null]);
  });

  it("puts its log into the file when it is closed", async () => {
    const database = await openDatabase(`sqlite:${path}`);
    await database.execute("CREATE TABLE t (a)");
    await database.execute("INSERT INTO t VALUES ('in the file')");
    await database.close();
    assert.ok(readFileSync(path).includes("in the file"));
    assert.throws(() => readFileSync(`${path}-wal`), { code: "ENOENT" });
  });
});
