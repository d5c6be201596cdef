import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { type Generated, Kysely, sql } from "kysely";
import { kyselyDialect } from "../../src/kysely.ts";
import type { Database } from "../../src/pools/database/database.ts";
import { contractSql } from "./database-contract-sql.ts";

interface Tables {
  readonly contract_items: {
    readonly id: Generated<number>;
    readonly name: string;
    readonly amount: Generated<number>;
  };
}

/** The part of the contract that is about Kysely. */
export function kyselyContract(database: () => Database): void {
  let kysely: Kysely<Tables>;
  beforeEach(async () => {
    await database().execute("DROP TABLE IF EXISTS contract_items");
    await database().execute(`CREATE TABLE contract_items (${contractSql[database().dialect].itemsColumns})`);
    kysely = new Kysely<Tables>({ dialect: kyselyDialect(database()) });
  });
  const insert = (name: string, into: Kysely<Tables> = kysely) =>
    into.insertInto("contract_items").values({ name, amount: 5 }).executeTakeFirstOrThrow();
  const names = async (): Promise<string[]> => {
    const rows = await kysely.selectFrom("contract_items").select("name").orderBy("name").execute();
    return rows.map(({ name }) => name);
  };

  it("inserts, selects, changes and deletes", async () => {
    const inserted = await insert("one");
    assert.equal(inserted.numInsertedOrUpdatedRows, 1n);
    if (database().dialect !== "postgres") assert.equal(inserted.insertId, 1n);
    const row = await kysely
      .selectFrom("contract_items")
      .selectAll()
      .where("name", "=", "one")
      .executeTakeFirst();
    assert.deepEqual(row, { id: 1, name: "one", amount: 5 });
    const updated = await kysely.updateTable("contract_items").set({ amount: 6 }).executeTakeFirstOrThrow();
    assert.equal(updated.numUpdatedRows, 1n);
    const deleted = await kysely.deleteFrom("contract_items").executeTakeFirstOrThrow();
    assert.equal(deleted.numDeletedRows, 1n);
  });

  it("runs SQL of one's own", async () => {
    await insert("one");
    const { rows } = await sql<{ name: string }>`SELECT name FROM contract_items WHERE amount = ${5}`.execute(
      kysely,
    );
    assert.deepEqual(rows, [{ name: "one" }]);
  });

  it("commits a transaction, and rolls back one that throws", async () => {
    await kysely.transaction().execute(async (tx) => {
      await insert("kept", tx);
    });
    const failure = new Error("mine");
    const failing = kysely.transaction().execute(async (tx) => {
      await insert("undone", tx);
      throw failure;
    });
    await assert.rejects(failing, (error) => error === failure);
    assert.deepEqual(await names(), ["kept"]);
  });

  it("undoes a part of a transaction", async () => {
    const tx = await kysely.startTransaction().setIsolationLevel("serializable").execute();
    await insert("kept", tx);
    const point = await tx.savepoint("half way").execute();
    await insert("undone", point);
    await point.rollbackToSavepoint("half way").execute();
    await tx.commit().execute();
    assert.deepEqual(await names(), ["kept"]);
  });

  it("gives the errors of the database their codes", async () => {
    await insert("taken");
    await assert.rejects(insert("taken"), { code: "SLUICE_CONSTRAINT_VIOLATED" });
    const failing = kysely.transaction().execute(async (tx) => {
      await insert("taken", tx);
    });
    await assert.rejects(failing, { code: "SLUICE_CONSTRAINT_VIOLATED" });
    assert.deepEqual(await names(), ["taken"]);
  });

  it("streams", async () => {
    for (const name of ["a", "b", "c"]) await insert(name);
    const seen: string[] = [];
    for await (const { name } of kysely.selectFrom("contract_items").select("name").orderBy("name").stream(2))
      seen.push(name);
    assert.deepEqual(seen, ["a", "b", "c"]);
  });

  it("knows the tables", async () => {
    const tables = await kysely.introspection.getTables();
    const table = tables.find(({ name }) => name === "contract_items");
    assert.deepEqual(
      table?.columns.map(({ name }) => name),
      ["id", "name", "amount"],
    );
  });

  it("leaves the database open", async () => {
    await kysely.destroy();
    assert.deepEqual(await database().query("SELECT id FROM contract_items"), []);
  });
}
