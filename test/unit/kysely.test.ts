import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Kysely } from "kysely";
import { kyselyDialect } from "../../src/kysely.ts";
import type { Database } from "../../src/pools/index.ts";
import { fakeDatabase } from "../support/fake-database.ts";
import { FakeDatabaseDriver, FakeFailure } from "../support/fake-database-driver.ts";
import { inTime } from "../support/wait-for.ts";

interface Tables {
  readonly users: { readonly id: number; readonly name: string };
}

function typed(dialect: FakeDatabaseDriver["dialect"]): {
  driver: FakeDatabaseDriver;
  kysely: Kysely<Tables>;
} {
  const driver = new FakeDatabaseDriver(dialect);
  return { driver, kysely: new Kysely<Tables>({ dialect: kyselyDialect(fakeDatabase(driver)) }) };
}

describe("kyselyDialect", () => {
  for (const [dialect, sql] of [
    ["sqlite", 'select "name" from "users" where "id" = ?'],
    ["postgres", 'select "name" from "users" where "id" = $1'],
    ["mysql", "select `name` from `users` where `id` = ?"],
  ] as const) {
    it(`writes the SQL of ${dialect}`, async () => {
      const { driver, kysely } = typed(dialect);
      driver.answer = ({ params }) => [{ name: `user ${params[0]}` }];
      const row = await kysely.selectFrom("users").select("name").where("id", "=", 7).executeTakeFirst();
      assert.deepEqual(row, { name: "user 7" });
      assert.deepEqual(driver.asked, [sql]);
    });
  }

  it("runs transactions on their own connection, and ends them", async () => {
    const { driver, kysely } = typed("mysql");
    const isolated = kysely.transaction().setIsolationLevel("serializable").setAccessMode("read only");
    await isolated.execute((tx) => tx.selectFrom("users").selectAll().execute());
    assert.deepEqual(driver.began, [{ isolation: "serializable", readOnly: true }]);
    assert.deepEqual(driver.asked, ["BEGIN", "select * from `users`", "COMMIT"]);
    const tx = await kysely.startTransaction().execute();
    const point = await tx.savepoint("a `b").execute();
    await point.rollbackToSavepoint("a `b").execute();
    await point.releaseSavepoint("a `b").execute();
    await tx.rollback().execute();
    assert.deepEqual(driver.asked.slice(3), [
      "BEGIN",
      "SAVEPOINT `a ``b`",
      "ROLLBACK TO SAVEPOINT `a ``b`",
      "RELEASE SAVEPOINT `a ``b`",
      "ROLLBACK",
    ]);
  });

  it("tells when a transaction can't begin or commit", async () => {
    const { driver, kysely } = typed("postgres");
    driver.onCommit = () => Promise.reject(new FakeFailure("lost"));
    await assert.rejects(
      kysely.transaction().execute(async () => {}),
      { code: "SLUICE_COMMIT_UNKNOWN" },
    );
    driver.onBegin = () => Promise.reject(new FakeFailure("unreachable"));
    await assert.rejects(
      kysely.transaction().execute(async () => {}),
      { code: "SLUICE_UNREACHABLE" },
    );
    const snapshot = kysely.transaction().setIsolationLevel("snapshot");
    await assert.rejects(
      snapshot.execute(async () => {}),
      { code: "SLUICE_INVALID_OPTION" },
    );
  });

  it("ends a transaction at the deadline of the database, with its error", async () => {
    const driver = new FakeDatabaseDriver();
    const database = fakeDatabase(driver, { queryTimeoutMs: 20 });
    const kysely = new Kysely<Tables>({ dialect: kyselyDialect(database) });
    const tx = await kysely.startTransaction().execute();
    await inTime("the deadline", database.close({ drainMs: 5_000 }));
    await assert.rejects(tx.commit().execute(), { code: "SLUICE_QUERY_TIMEOUT" });
    assert.deepEqual(driver.asked, ["BEGIN", "ROLLBACK"]);
  });

  it("streams", async () => {
    const { driver, kysely } = typed("sqlite");
    const rows = [{ id: 1 }, { id: 2 }, { id: 3 }];
    driver.answer = () => rows;
    const seen: unknown[] = [];
    for await (const row of kysely.selectFrom("users").select("id").stream(2)) seen.push(row);
    assert.deepEqual(seen, rows);
  });

  it("refuses what isn't a database of Sluice's", () => {
    assert.throws(() => kyselyDialect({ dialect: "sqlite" } as Database), { code: "SLUICE_INVALID_OPTION" });
  });
});
