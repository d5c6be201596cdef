// A chat that forgets nothing: npx tsx examples/chat-with-database.ts, then npx sluice connect ws://localhost:8765
// DATABASE_URL=postgres://… or mysql://… keeps the messages there.

import { type Database, openDatabase, type Server, serve } from "sluice";

interface Message {
  readonly id: number;
  readonly text: string;
}

const database: Database = await openDatabase(process.env["DATABASE_URL"] ?? "sqlite::memory:");
await database.execute(
  "CREATE TABLE IF NOT EXISTS example_messages (id BIGINT NOT NULL PRIMARY KEY, text VARCHAR(500) NOT NULL)",
);
// Only one process writes here; with several, let the database count.
const [last] = await database.query<Message>(
  "SELECT id, text FROM example_messages ORDER BY id DESC LIMIT 1",
);
let next = (last?.id ?? 0) + 1;

const server: Server = await serve(
  async (socket) => {
    const everybody = server.group("chat");
    everybody.add(socket);
    const messages = await database.query<Message>(
      "SELECT id, text FROM example_messages ORDER BY id DESC LIMIT 50",
    );
    for (const { id, text } of messages.reverse()) socket.send(`${id} ${text}`);
    for await (const message of socket) {
      const id = next++;
      const text = String(message).slice(0, 500);
      // Nobody sees what isn't kept. While this waits, every other connection goes on.
      await database.execute("INSERT INTO example_messages (id, text) VALUES (?, ?)", [id, text]);
      everybody.send(`${id} ${text}`);
    }
  },
  "localhost",
  Number(process.env["PORT"] ?? 8765),
  { resources: [database], maxMessagesPerSecond: 20 },
);
console.log(`Listening on ${server.url}`);

process.once("SIGINT", () => void server.close());
