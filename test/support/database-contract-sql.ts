import type { Dialect, Value } from "../../src/pools/database/database.ts";

/** What the contract says in another way to each database. */
export interface ContractSql {
  readonly valuesColumns: string;
  readonly textsColumns: string;
  readonly itemsColumns: string;
  /** A placeholder as text, and as an integer. */
  readonly text: (placeholder: string) => string;
  readonly integer: (placeholder: string) => string;
  readonly decimal: string;
  readonly decimalValue: Value;
  /** The numbers from 1, in the column n; and each with so many characters beside it. */
  readonly numbers: (count: number) => string;
  readonly wideNumbers: (count: number, width: number) => string;
  /** Takes many seconds, and a fraction of one. */
  readonly slow: string;
  readonly ratherSlow: string;
  /** How many `slow` are running in the server, in the column running; undefined where there is no server. */
  readonly countRunning: string | undefined;
  readonly forUpdate: string;
}

const recursive = (count: number, columns: string): string =>
  `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count}) ` +
  `SELECT ${columns} FROM numbers`;

// MySQL's own limit of recursion is too low, so that it multiplies digits.
const digits = (place: number): string =>
  `(SELECT 0 AS d UNION ALL ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((d) => `SELECT ${d}`).join(" UNION ALL ")}) d${place}`;
const multiplied = (count: number, columns: string): string =>
  `SELECT ${columns} FROM (SELECT d0.d + 10*d1.d + 100*d2.d + 1000*d3.d + 10000*d4.d + 1 AS n ` +
  `FROM ${[0, 1, 2, 3, 4].map(digits).join(", ")}) numbers WHERE n <= ${count} ORDER BY n`;

/** By dialect. */
export const contractSql: Readonly<Record<Dialect, ContractSql>> = {
  sqlite: {
    valuesColumns:
      "id INTEGER PRIMARY KEY, whole INTEGER, big INTEGER, fraction REAL, word TEXT, bytes BLOB, flag BOOLEAN, " +
      "moment DATETIME, day DATE, clock TIME, doc JSON",
    textsColumns: "id INTEGER PRIMARY KEY, body TEXT",
    itemsColumns: "id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, amount INTEGER NOT NULL DEFAULT 0",
    text: (placeholder) => `CAST(${placeholder} AS TEXT)`,
    integer: (placeholder) => `CAST(${placeholder} AS INTEGER)`,
    decimal: "12345678901234567",
    decimalValue: 12_345_678_901_234_567n,
    numbers: (count) => recursive(count, "n"),
    wideNumbers: (count, width) => recursive(count, `n, printf('%.*c', ${width}, 'x') AS wide`),
    slow: recursive(8_000_000, "max(n) AS n"),
    ratherSlow: recursive(400_000, "max(n) AS n"),
    countRunning: undefined,
    forUpdate: "",
  },
  postgres: {
    valuesColumns:
      "id INTEGER PRIMARY KEY, whole INTEGER, big BIGINT, fraction DOUBLE PRECISION, word TEXT, bytes BYTEA, " +
      "flag BOOLEAN, moment TIMESTAMP(3), day DATE, clock TIME, doc JSON",
    textsColumns: "id INTEGER PRIMARY KEY, body TEXT",
    itemsColumns: "id SERIAL PRIMARY KEY, name TEXT NOT NULL UNIQUE, amount INTEGER NOT NULL DEFAULT 0",
    text: (placeholder) => `CAST(${placeholder} AS TEXT)`,
    integer: (placeholder) => `CAST(${placeholder} AS INTEGER)`,
    decimal: "CAST('12345678901234567890.123456789' AS NUMERIC)",
    decimalValue: "12345678901234567890.123456789",
    numbers: (count) => `SELECT n FROM generate_series(1, ${count}) AS n`,
    wideNumbers: (count, width) =>
      `SELECT n, repeat('x', ${width}) AS wide FROM generate_series(1, ${count}) AS n`,
    slow: "SELECT pg_sleep(60)",
    ratherSlow: "SELECT pg_sleep(0.4)",
    countRunning:
      "SELECT count(*) AS running FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%' " +
      "AND pid <> pg_backend_pid()",
    forUpdate: "FOR UPDATE",
  },
  mysql: {
    valuesColumns:
      "id INTEGER PRIMARY KEY, whole INTEGER, big BIGINT, fraction DOUBLE, word TEXT CHARACTER SET utf8mb4, " +
      "bytes BLOB, flag BOOLEAN, moment DATETIME(3), day DATE, clock TIME, doc JSON",
    textsColumns: "id INTEGER PRIMARY KEY, body MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    itemsColumns:
      "id INTEGER AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL UNIQUE, amount INTEGER NOT NULL DEFAULT 0",
    text: (placeholder) => `CAST(${placeholder} AS CHAR)`,
    integer: (placeholder) => `CAST(${placeholder} AS SIGNED)`,
    decimal: "CAST('12345678901234567890.123456789' AS DECIMAL(40, 9))",
    decimalValue: "12345678901234567890.123456789",
    numbers: (count) => multiplied(count, "n"),
    wideNumbers: (count, width) => multiplied(count, `n, repeat('x', ${width}) AS wide`),
    slow: "SELECT SLEEP(60) AS n",
    ratherSlow: "SELECT SLEEP(0.4) AS n",
    countRunning:
      "SELECT count(*) AS running FROM information_schema.processlist WHERE info LIKE '%SLEEP(60)%' " +
      "AND id <> connection_id()",
    forUpdate: "FOR UPDATE",
  },
};
