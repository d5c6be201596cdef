import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { ChatMessages } from "../../../src/cli/chat-messages.ts";
import { DemoDatabase } from "../../../src/cli/demo-database.ts";
import type { Database } from "../../../src/pools/index.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

describe("the messages of the chat", () => {
  const folder = new TemporaryFolder();
  after(() => folder.remove());

  it("are there in their order, and still are when the database is opened again", async () => {
    const url = `sqlite:${folder.path}/chat.db`;
    const first = new DemoDatabase(url, [ChatMessages.prepare]);
    const messages = new ChatMessages(first);
    const kept = [await messages.add("Ada", "one 🙂"), await messages.add("O'Eve", "'); DROP TABLE x; --")];
    kept.push(await messages.add("Ada", "three"));
    assert.deepEqual(await messages.latest(2), kept.slice(1));
    await first.close();
    const again = new DemoDatabase(url, [ChatMessages.prepare]);
    assert.deepEqual(await new ChatMessages(again).latest(50), kept);
    await again.close();
  });

  it("are forgotten after a thousand in memory, and never elsewhere", async () => {
    const statements: string[] = [];
    const database = {
      dialect: "mysql",
      execute: async (sql: string, params: unknown) => {
        statements.push(`${sql.slice(0, 6)} ${JSON.stringify(params)}`);
        return { affectedRows: 1, lastInsertId: 1_200n };
      },
    } as unknown as Database;
    for (const isInMemory of [true, false]) {
      const ready = { isInMemory, ready: async () => database } as unknown as DemoDatabase;
      assert.equal((await new ChatMessages(ready).add("a", "b")).id, 1_200);
    }
    assert.deepEqual(
      statements.map((statement) => statement.slice(0, 12)),
      ['INSERT ["a",', "DELETE [200]", 'INSERT ["a",'],
    );
  });

  it("have their ids from PostgreSQL, too, which tells them otherwise", async () => {
    const database = {
      dialect: "postgres",
      query: async (sql: string) => (sql.endsWith("RETURNING id") ? [{ id: 7 }] : assert.fail(sql)),
    } as unknown as Database;
    const ready = { isInMemory: false, ready: async () => database } as unknown as DemoDatabase;
    assert.equal((await new ChatMessages(ready).add("a", "b")).id, 7);
  });
});
