import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { DatabaseSync } from "@photostructure/sqlite";
import { makesKey, type Operation } from "../../../../../src/pools/database/sqlite/makes-key.ts";

describe("makesKey", () => {
  const database = new DatabaseSync(":memory:");
  after(() => database.close());
  database.exec(`
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TABLE log (text TEXT);
    CREATE TABLE settings (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE watched (key TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TRIGGER log_watched AFTER INSERT ON watched BEGIN INSERT INTO log VALUES (new.key); END;
    CREATE TRIGGER log_users AFTER INSERT ON users BEGIN INSERT INTO watched VALUES (new.name); END;
    CREATE VIEW names AS SELECT name FROM users;
    CREATE TRIGGER add_name INSTEAD OF INSERT ON names BEGIN INSERT INTO users (name) VALUES (new.name); END;
    CREATE VIRTUAL TABLE texts USING fts5(text);
  `);
  const ofStatement = (sql: string): boolean =>
    makesKey(database.prepare(`EXPLAIN ${sql}`).all() as unknown as Operation[]);

  for (const sql of [
    "INSERT INTO users (name) VALUES (?)",
    "INSERT INTO users DEFAULT VALUES",
    "REPLACE INTO users (name) VALUES (?) RETURNING id",
    "INSERT INTO users (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = 'x'",
    "INSERT INTO log SELECT key FROM settings",
    "INSERT INTO log SELECT * FROM log",
    "INSERT INTO texts VALUES (?)",
  ])
    it(`sees a key in ${sql}`, () => assert.equal(ofStatement(sql), true));

  for (const sql of [
    "INSERT INTO settings VALUES (?, ?)",
    "INSERT OR REPLACE INTO settings VALUES (?, ?)",
    "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = 1",
    "INSERT INTO settings VALUES (?, ?) RETURNING key",
    "INSERT INTO settings SELECT name, id FROM users",
    "INSERT INTO watched VALUES (?)",
    "INSERT INTO names VALUES (?)",
    "UPDATE users SET name = ?",
    "DELETE FROM users",
  ])
    it(`sees none in ${sql}`, () => assert.equal(ofStatement(sql), false));

  it("sees none where it knows nothing", () => assert.equal(makesKey([]), false));
});
