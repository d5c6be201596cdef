// A server whose handlers ask a database, in one of several ways: how is given by POOL, which database by DATABASE_URL.

import { createServer } from "../../dist/index.js";
import { openAsker } from "./askers.mjs";
import { port } from "./settings.mjs";
import { watchSettledLoop } from "./settled-loop.mjs";

const USERS = 10_000;

const asker = await openAsker(process.env.POOL, new URL(process.env.DATABASE_URL));
await asker.prepare(USERS);

let asked = 0;
/** How often each code was the answer. @type {Record<string, number>} */
const failures = {};

/** Answers each message with what a piece of work gave, and with the message itself, by which the generator knows it again. */
const answering = (work) => ({
  async message(socket, message) {
    try {
      socket.send(JSON.stringify(await work((asked++ % USERS) + 1)) + message);
    } catch (error) {
      const code = error?.code ?? String(error);
      failures[code] = (failures[code] ?? 0) + 1;
      socket.send(`${code} ${message}`);
    }
  },
});

/** What it has seen, since it was last asked. */
function figures() {
  const seen = { ...longestHeld(), failures: { ...failures }, pool: asker.stats?.() ?? null };
  for (const code of Object.keys(failures)) delete failures[code];
  return seen;
}

const server = createServer({
  routes: {
    "/query": answering((id) => asker.query(id)),
    "/insert": answering((id) => asker.insert(id)),
    "/echo": { message: (socket, message) => socket.send(message) },
  },
  http: (_request, response) => response.end(JSON.stringify(figures())),
});
const longestHeld = watchSettledLoop(server.connections);
await server.listen(port, "127.0.0.1");
console.log("ready");
