import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { DatabaseSync } from "@photostructure/sqlite";
import { givesOneRow } from "../../../../../src/pools/database/sqlite/one-row.ts";

describe("givesOneRow", () => {
  const database = new DatabaseSync(":memory:");
  after(() => database.close());
  database.exec(`
    CREATE TABLE users (id INT PRIMARY KEY, name TEXT);
    CREATE TABLE messages (id INTEGER PRIMARY KEY, author INT, text TEXT, UNIQUE (author, text));
    CREATE TABLE settings (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  `);
  const ofStatement = (sql: string): boolean => {
    const operations = database.prepare(`EXPLAIN ${sql}`).all() as { opcode: string }[];
    return givesOneRow(operations);
  };

  for (const sql of [
    "SELECT * FROM users WHERE id = ?",
    "SELECT * FROM messages WHERE id = ?",
    "SELECT * FROM messages WHERE author = ? AND text = ?",
    "SELECT value FROM settings WHERE key = ?",
    "SELECT * FROM messages JOIN users ON users.id = author WHERE messages.id = ?",
    "SELECT count(*), max(id) FROM messages",
    "SELECT EXISTS (SELECT 1 FROM messages WHERE author = ?)",
    "SELECT 1",
  ])
    it(`is sure of ${sql}`, () => assert.equal(ofStatement(sql), true));

  for (const sql of [
    "SELECT * FROM users",
    "SELECT * FROM messages WHERE author = ?",
    "SELECT * FROM messages WHERE id IN (?, ?)",
    "SELECT * FROM messages WHERE id = ? OR author = ?",
    "SELECT * FROM messages LEFT JOIN users ON users.id = author WHERE messages.id = ?",
    "SELECT author, count(*) FROM messages GROUP BY author",
    "SELECT * FROM messages ORDER BY text",
    "SELECT 1 UNION ALL SELECT 2",
    "VALUES (1), (2)",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n",
    "DELETE FROM users",
  ])
    it(`isn't sure of ${sql}`, () => assert.equal(ofStatement(sql), false));

  it("is sure of nothing that it doesn't know", () => {
    assert.equal(givesOneRow([]), false);
    assert.equal(givesOneRow([{ opcode: "ResultRow" }]), false);
  });
});
