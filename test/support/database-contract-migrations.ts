import assert from "node:assert/strict";
import { afterEach, beforeEach, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { Database } from "../../src/pools/database/database.ts";
import { TemporaryFolder } from "./temporary-folder.ts";
import { inTime } from "./wait-for.ts";

const TABLES = ["sluice_migrations", "contract_first", "contract_second"];
const FIRST = `-- the first; with a semicolon
CREATE TABLE contract_first (id INTEGER PRIMARY KEY, word VARCHAR(100));
INSERT INTO contract_first (id, word) VALUES (1, 'a; b'), (2, 'what?');
`;
const SECOND = "CREATE TABLE contract_second (id INTEGER PRIMARY KEY)";

/**
 * The part of the contract that is about migrations.
 *
 * @param openAnother opens another pool, on the same database where it has a life of its own
 */
export function migrationsContract(database: () => Database, openAnother: () => Promise<Database>): void {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = new TemporaryFolder();
    for (const table of TABLES) await database().execute(`DROP TABLE IF EXISTS ${table}`);
  });
  afterEach(() => folder.remove());

  it("applies what is new, by its numbers, and nothing twice", async () => {
    folder.write("001-first.sql", FIRST);
    assert.deepEqual(await database().migrate(folder.path), ["001-first.sql"]);
    assert.deepEqual(await database().query("SELECT id, word FROM contract_first ORDER BY id"), [
      { id: 1, word: "a; b" },
      { id: 2, word: "what?" },
    ]);
    folder.write("10-tenth.sql", "INSERT INTO contract_second (id) VALUES (10)");
    folder.write("2_second.sql", SECOND);
    folder.write("notes.md", "not SQL");
    assert.deepEqual(await database().migrate(folder.path), ["2_second.sql", "10-tenth.sql"]);
    assert.deepEqual(await database().migrate(pathToFileURL(folder.path)), []);
    assert.deepEqual(await database().query("SELECT id FROM contract_second"), [{ id: 10 }]);
  });

  it("applies each once, though several begin at a time", async () => {
    folder.write("001-first.sql", FIRST);
    folder.write("002-second.sql", SECOND);
    const another = await openAnother();
    const pools = (await isSame(another)) ? [database(), another] : [database()];
    const runs = pools.flatMap((pool) => [pool.migrate(folder.path), pool.migrate(folder.path)]);
    const applied = await inTime("all migrations", Promise.all(runs));
    assert.deepEqual(applied.flat().toSorted(), ["001-first.sql", "002-second.sql"]);
  });

  it("says which one fails, keeps those before it, and can begin again", async () => {
    folder.write("001-first.sql", FIRST);
    folder.write("002-second.sql", "CREATE TABEL contract_second (id INTEGER)");
    await assert.rejects(database().migrate(folder.path), {
      code: "SLUICE_MIGRATION_FAILED",
      message: /002-second\.sql/,
    });
    folder.write("002-second.sql", SECOND);
    assert.deepEqual(await database().migrate(folder.path), ["002-second.sql"]);
  });

  it("keeps nothing of one that fails, where the database can undo what it defines", async () => {
    if (database().dialect === "mysql") return;
    folder.write("001-first.sql", `${FIRST} INSERT INTO contract_first (id) VALUES (1);`);
    await assert.rejects(database().migrate(folder.path), { code: "SLUICE_MIGRATION_FAILED" });
    folder.write("001-first.sql", FIRST);
    assert.deepEqual(await database().migrate(folder.path), ["001-first.sql"]);
  });

  it("refuses one that was changed after it had been applied, and one that comes too late", async () => {
    folder.write("002-second.sql", SECOND);
    await database().migrate(folder.path);
    folder.write("002-second.sql", `${SECOND} `);
    await assert.rejects(database().migrate(folder.path), {
      code: "SLUICE_MIGRATION_CHANGED",
      message: /002-second\.sql/,
    });
    folder.write("002-second.sql", SECOND);
    folder.write("001-first.sql", FIRST);
    await assert.rejects(database().migrate(folder.path), { code: "SLUICE_MIGRATION_INVALID" });
  });

  async function isSame(another: Database): Promise<boolean> {
    await database().execute("CREATE TABLE contract_second (id INTEGER PRIMARY KEY)");
    const isSeen = await another.query("SELECT id FROM contract_second").then(
      () => true,
      () => false,
    );
    await database().execute("DROP TABLE contract_second");
    return isSeen;
  }
}
