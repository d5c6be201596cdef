// The ways to ask a database that are compared: Sluice's pool, the driver's own pool called directly, and none at all.

import { DatabaseSync } from "@photostructure/sqlite";
import mysql from "mysql2/promise";
import pg from "pg";
import { openDatabase } from "../../dist/index.js";

const CONNECTIONS = 10;
const SELECT = {
  "?": "SELECT id, name FROM users WHERE id = ?",
  $1: "SELECT id, name FROM users WHERE id = $1",
};
const INSERT = "INSERT INTO messages (author) VALUES (?)";

/**
 * @typedef {object} Asker
 * @property {(users: number) => Promise<void>} prepare Makes the tables, and fills the one of users, unless another has.
 * @property {(id: number) => unknown} query
 * @property {(id: number) => unknown} insert
 * @property {() => unknown} [stats]
 */

/** @param {string} how @param {URL} url @returns {Promise<Asker>} */
export async function openAsker(how, url) {
  if (how === "sluice") return sluice(url);
  const scheme = url.protocol.slice(0, -1);
  if (scheme === "sqlite") return onTheLoop(url.pathname);
  const ways = {
    postgres: { driver: postgresPool, each: postgresEach },
    mysql: { driver: mysqlPool, each: mysqlEach },
  };
  return { prepare: (users) => prepareBy(url, users), insert: unsupported, ...ways[scheme][how](url) };
}

async function sluice(url) {
  const database = await openDatabase(url.href, { maxConnections: CONNECTIONS });
  return {
    prepare: (users) => fill(database, users),
    query: async (id) => (await database.query(SELECT["?"], [id]))[0],
    insert: (id) => database.execute(INSERT, [id]),
    stats: () => database.stats(),
  };
}

async function prepareBy(url, users) {
  const database = await openDatabase(url.href);
  await fill(database, users);
  await database.close();
}

async function fill(database, users) {
  const key = {
    sqlite: "INTEGER PRIMARY KEY",
    postgres: "SERIAL PRIMARY KEY",
    mysql: "INT AUTO_INCREMENT PRIMARY KEY",
  };
  await database.execute("CREATE TABLE IF NOT EXISTS users (id INT PRIMARY KEY, name VARCHAR(50))");
  await database.execute(`CREATE TABLE IF NOT EXISTS messages (id ${key[database.dialect]}, author INT)`);
  const [first] = await database.query("SELECT id FROM users WHERE id = 1");
  if (first !== undefined) return;
  await database.transaction(async (tx) => {
    for (let id = 1; id <= users; id++)
      await tx.execute("INSERT INTO users VALUES (?, ?)", [id, `user ${id}`]);
  });
}

/** So many at a time as the pools have connections: all at once would only be in each other's way. */
function bounded(ask) {
  let free = CONNECTIONS;
  const waiting = [];
  return async (id) => {
    if (free > 0) free--;
    else await new Promise((resolve) => waiting.push(resolve));
    try {
      return await ask(id);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

function postgresPool(url) {
  const pool = new pg.Pool({ connectionString: url.href, max: CONNECTIONS });
  return {
    query: async (id) => (await pool.query({ name: "user", text: SELECT.$1, values: [id] })).rows[0],
  };
}

function postgresEach(url) {
  const query = bounded(async (id) => {
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    const { rows } = await client.query(SELECT.$1, [id]);
    await client.end();
    return rows[0];
  });
  return { query };
}

function mysqlPool(url) {
  const pool = mysql.createPool({ uri: url.href, connectionLimit: CONNECTIONS });
  return { query: async (id) => (await pool.execute(SELECT["?"], [id]))[0][0] };
}

function mysqlEach(url) {
  const query = bounded(async (id) => {
    const connection = await mysql.createConnection({ uri: url.href });
    const [rows] = await connection.execute(SELECT["?"], [id]);
    await connection.end();
    return rows[0];
  });
  return { query };
}

/** SQLite has no pool: called where the connections are served, each statement is a transaction of its own, and holds up the loop. */
function onTheLoop(file) {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  let select;
  let insert;
  return {
    async prepare(users) {
      await prepareBy(new URL(`sqlite:${file}`), users);
      select = database.prepare(SELECT["?"]);
      insert = database.prepare(INSERT);
    },
    query: (id) => select.get(id),
    insert: (id) => insert.run(id),
  };
}

function unsupported() {
  throw new Error("Inserting is compared on SQLite only");
}
