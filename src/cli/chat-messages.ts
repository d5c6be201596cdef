import type { Database, Dialect } from "../pools/index.ts";
import { type DemoDatabase, makeTable } from "./demo-database.ts";

/** A message of the chat. */
export interface ChatMessage {
  /** Counts up: of two messages, the later one has the larger. */
  readonly id: number;
  readonly name: string;
  readonly text: string;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
}

const TABLE = "sluice_chat_messages";
const KEPT_IN_MEMORY = 1_000;
// Not for each message: deleting costs as much as inserting.
const FORGET_EVERY = 100;

const KEYS: Readonly<Record<Dialect, string>> = {
  sqlite: "INTEGER PRIMARY KEY AUTOINCREMENT",
  postgres: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
  mysql: "BIGINT AUTO_INCREMENT PRIMARY KEY",
};

/** The messages of the chat, in a table of their own. */
export class ChatMessages {
  readonly #database: DemoDatabase;

  constructor(database: DemoDatabase) {
    this.#database = database;
  }

  /** Makes the table, unless it is there. */
  static async prepare(database: Database): Promise<void> {
    const columns = `id ${KEYS[database.dialect]}, author VARCHAR(100) NOT NULL, body VARCHAR(2000) NOT NULL, sent_at BIGINT NOT NULL`;
    await makeTable(database, TABLE, columns);
  }

  /** Keeps a message. It is kept when this has resolved: in memory the last 1,000 are, elsewhere all. */
  async add(name: string, text: string): Promise<ChatMessage> {
    const database = await this.#database.ready();
    const at = Date.now();
    const id = await insert(database, [name, text, at]);
    if (this.#database.isInMemory && id % FORGET_EVERY === 0)
      await database.execute(`DELETE FROM ${TABLE} WHERE id <= ?`, [id - KEPT_IN_MEMORY]);
    return { id, name, text, at };
  }

  /** The last ones, the oldest first. */
  async latest(count: number): Promise<ChatMessage[]> {
    const database = await this.#database.ready();
    const rows = await database.query<{ id: number; author: string; body: string; sent_at: number }>(
      `SELECT id, author, body, sent_at FROM ${TABLE} ORDER BY id DESC LIMIT ${count}`,
    );
    return rows.reverse().map(({ id, author, body, sent_at: at }) => ({ id, name: author, text: body, at }));
  }
}

async function insert(database: Database, values: readonly [string, string, number]): Promise<number> {
  const sql = `INSERT INTO ${TABLE} (author, body, sent_at) VALUES (?, ?, ?)`;
  if (database.dialect !== "postgres") {
    const { lastInsertId } = await database.execute(sql, values);
    return Number(lastInsertId);
  }
  const [row] = await database.query<{ id: number }>(`${sql} RETURNING id`, values);
  return Number(row?.id);
}
