import type { Failure } from "../driver.ts";
import { ConnectError, LostError, NotStartedError } from "../servers/connection-errors.ts";

const CREDENTIALS = new Set([
  "28000", // invalid_authorization_specification: no such user, or pg_hba.conf refuses it
  "28P01", // invalid_password
  "3D000", // invalid_catalog_name: no such database
  "42501", // insufficient_privilege: the user may not connect to this database
]);

const CONFLICT = new Set(["40001", "40P01"]);

const LOST = new Set([
  "40003", // statement_completion_unknown
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P05", // idle_session_timeout
]);

/** The SQLSTATE of an error that the server has sent; undefined if it isn't one. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === "string" && typeof severity === "string" ? code : undefined;
}

/** What an error means, by its SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function classifyPostgresError(error: unknown): Failure {
  if (error instanceof NotStartedError) return { kind: "cancelled" };
  if (error instanceof ConnectError) {
    const state = sqlStateOf(error.cause) ?? "";
    return { kind: CREDENTIALS.has(state) ? "credentials" : "unreachable" };
  }
  if (error instanceof LostError) return { kind: "lost" };
  const state = sqlStateOf(error);
  if (state === undefined) return { kind: "statement" };
  if (CONFLICT.has(state)) return { kind: "conflict" };
  if (state === "57014") return { kind: "cancelled" };
  if (state.startsWith("23")) return { kind: "constraint" };
  if (LOST.has(state) || state.startsWith("08")) return { kind: "lost" };
  return { kind: "statement" };
}
