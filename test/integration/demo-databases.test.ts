import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { WebSocket } from "ws";
import { createDemo } from "../../src/cli/demo-server.ts";
import { mariadbSkip, startMariadb } from "../support/servers/mariadb.ts";
import { postgresSkip, startPostgres } from "../support/servers/postgres.ts";
import { waitFor } from "../support/wait-for.ts";

const servers = {
  MariaDB: { skip: mariadbSkip, start: startMariadb },
  PostgreSQL: { skip: postgresSkip, start: startPostgres },
};

for (const [name, { skip, start }] of Object.entries(servers)) {
  describe(`the demo with ${name}`, { skip }, () => {
    it("keeps the chat, answers queries, and says when the database is down", async (t) => {
      const live = await start();
      t.after(() => live.stop());
      // Two at a time, as two processes would: each makes its tables.
      const [demo, other] = await Promise.all([serveDemo(t, live.url), serveDemo(t, live.url)]);
      const chat = await open(`${demo.server.url}/chat`);
      chat.socket.send(JSON.stringify({ name: "Ada", text: "hello 🙂 'x'", ref: "1" }));
      await waitFor("it to be kept", () => chat.got.some((event) => event.includes('"kept"')));
      const late = await open(`${other.server.url}/chat`);
      await waitFor("the history", () => late.got.length === 1);
      assert.match(late.got[0] ?? "", /"keptIn":"database".*"name":"Ada","text":"hello 🙂 'x'"/);
      const query = await open(`${demo.server.url}/query`);
      query.socket.send("9999");
      await waitFor("the user", () => query.got.length === 1);
      assert.deepEqual(JSON.parse(query.got[0] ?? ""), { id: 9999, name: "user 9999" });
      await live.stop();
      await waitFor("an error", async () => {
        query.socket.send("1");
        const health = await fetch(`${demo.server.url.replace("ws", "http")}/health`);
        return health.status === 503 && query.got.some((answer) => answer.startsWith('{"error":"SLUICE_'));
      });
    });
  });
}

async function serveDemo(t: TestContext, database: string): Promise<ReturnType<typeof createDemo>> {
  const server = { host: "127.0.0.1", port: 0, onError: () => {} };
  const demo = createDemo({ server, page: true, version: "1.2.3", query: true, database });
  await demo.server.listen();
  t.after(() => demo.server.close({ drainMs: 0, spreadMs: 0 }));
  return demo;
}

async function open(url: string): Promise<{ socket: WebSocket; got: string[] }> {
  const socket = new WebSocket(url);
  const got: string[] = [];
  socket.on("message", (data) => got.push(String(data)));
  await once(socket, "open");
  return { socket, got };
}
