import type { Failure } from "../driver.ts";
import { ConnectError, LostError, NotStartedError } from "../servers/connection-errors.ts";

// Error numbers: https://mariadb.com/kb/en/mariadb-error-codes/, and MySQL's reference where they differ.

const CREDENTIALS = new Set([
  1044, // this user may not use this database
  1045, // wrong user or password
  1049, // no such database
  1130, // this host may not connect
  1251, // the client can't do the authentication that the user's account wants
  1275, // the account's password is too old for this server
  1698, // the account wants another authentication
  1820, // the password has to be changed first
  1862, // the password has expired
  3118, // the account is locked
  4151, // the account is locked (MariaDB)
]);

const CONFLICT = new Set([
  1020, // a row has changed since it was read
  1205, // waited for too long for a lock
  1213, // deadlock
]);

const CANCELLED = new Set([
  1317, // KILL QUERY
  1969, // max_statement_time (MariaDB)
  3024, // max_execution_time
]);

const CONSTRAINT = new Set([
  1022, // duplicate key
  1048, // NULL for a column that isn't nullable
  1062, // duplicate key
  1169, // unique constraint
  1216, // foreign key
  1217, // foreign key
  1364, // no value for a column that has no default
  1451, // foreign key: there are rows that refer to it
  1452, // foreign key: there is no row to refer to
  1557, // foreign key would make a duplicate
  1586, // duplicate key
  1761, // foreign key would make a duplicate
  1762, // foreign key would make a duplicate
  3819, // CHECK
  4025, // CHECK (MariaDB)
]);

// After these the server closes the connection.
const ENDS_CONNECTION = new Set([
  1053, // the server is shutting down
  1152, // the connection was aborted
  1153, // a packet was too large
  1158, // reading failed
  1159, // reading took too long
  1160, // writing failed
  1161, // writing took too long
  1184, // the connection was aborted
  1927, // the connection was killed (MariaDB)
  3169, // the session was killed
  4031, // the client was idle for too long
]);

/** The number of an error that the server has sent; undefined if it isn't one. */
export function errorNumberOf(error: unknown): number | undefined {
  const { errno, sqlState } = (error ?? {}) as { errno?: unknown; sqlState?: unknown };
  return typeof errno === "number" && typeof sqlState === "string" ? errno : undefined;
}

/** Whether the connection is of no use after an error. */
export function endsConnection(error: unknown): boolean {
  const number = errorNumberOf(error);
  return number === undefined || ENDS_CONNECTION.has(number);
}

/** What an error means, by its number. */
export function classifyMysqlError(error: unknown): Failure {
  if (error instanceof NotStartedError) return { kind: "cancelled" };
  if (error instanceof ConnectError) {
    return { kind: CREDENTIALS.has(errorNumberOf(error.cause) ?? 0) ? "credentials" : "unreachable" };
  }
  if (error instanceof LostError) return { kind: "lost" };
  const number = errorNumberOf(error) ?? 0;
  if (CONFLICT.has(number)) return { kind: "conflict" };
  if (CANCELLED.has(number)) return { kind: "cancelled" };
  if (CONSTRAINT.has(number)) return { kind: "constraint" };
  if (ENDS_CONNECTION.has(number)) return { kind: "lost" };
  return { kind: "statement" };
}
