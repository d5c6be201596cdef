import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { DemoDatabase } from "../../../src/cli/demo-database.ts";
import { prepareUsers, queryRoute, USERS } from "../../../src/cli/query-route.ts";
import { SluiceError } from "../../../src/errors/index.ts";
import type { Database } from "../../../src/pools/index.ts";
import { createServer } from "../../../src/server/index.ts";
import { RawPeer, textFrame } from "../../support/raw-peer.ts";

async function start(t: TestContext, database: DemoDatabase, reports: unknown[] = []): Promise<RawPeer> {
  const server = createServer({
    host: "127.0.0.1",
    port: 0,
    routes: { "/query": queryRoute(database, (error) => reports.push(error)) },
  });
  await server.listen();
  t.after(() => server.close({ drainMs: 0 }));
  return RawPeer.open(server.port, { path: "/query" });
}

describe("/query", () => {
  it("answers an id with its user, in the order of the questions", async (t) => {
    const database = new DemoDatabase(undefined, [prepareUsers]);
    t.after(() => database.close({ drainMs: 0 }));
    const peer = await start(t, database);
    const expected: [message: string, answer: unknown][] = [
      ["1", { id: 1, name: "user 1" }],
      [String(USERS), { id: USERS, name: `user ${USERS}` }],
      [String(USERS + 1), null],
      ["0", null],
    ];
    for (const [message, answer] of expected) {
      peer.write(textFrame(message));
      assert.deepEqual(JSON.parse(await peer.text()), answer, message);
    }
    for (const wrong of ["", "x", "-1", "1 OR 1=1", "1.5", "9".repeat(10)]) {
      peer.write(textFrame(wrong));
      assert.match(await peer.text(), /^\{"error":"Send the id of a user, from 1 to 10000\."\}$/, wrong);
    }
  });

  it("answers with the error's code where the database fails, and goes on", async (t) => {
    const reports: unknown[] = [];
    const error = new SluiceError("SLUICE_POOL_FULL", { name: "database", waiting: 3 });
    const failing = { ready: () => Promise.reject(error) } as unknown as DemoDatabase;
    const peer = await start(t, failing, reports);
    for (let count = 1; count <= 2; count++) {
      peer.write(textFrame("1"));
      assert.equal(await peer.text(), '{"error":"SLUICE_POOL_FULL"}');
      assert.equal(reports.length, count);
    }
  });
});

describe("the users", () => {
  it("are made once, also by two processes at a time", async (t) => {
    const database = new DemoDatabase(undefined, [prepareUsers, prepareUsers]);
    t.after(() => database.close({ drainMs: 0 }));
    const opened = await database.ready();
    const [row] = await opened.query<{ many: number }>("SELECT COUNT(*) AS many FROM sluice_users");
    assert.equal(row?.many, USERS);
    let asked = 0;
    const slower = {
      dialect: "sqlite",
      execute: async () => ({}),
      query: async () => (asked++ === 0 ? [] : [{ id: USERS }]),
      transaction: () => Promise.reject(new Error("they are there")),
    } as unknown as Database;
    await prepareUsers(slower);
    assert.equal(asked, 2);
    const failing = { ...slower, query: async () => [] } as unknown as Database;
    await assert.rejects(prepareUsers(failing), { message: "they are there" });
  });
});
