import type { Value } from "../database.ts";
import type { StatementResult } from "../driver.ts";
import type { Session } from "./session.ts";
import { SessionCall } from "./session-call.ts";

/** Runs a statement of the driver's own on a session. */
export function runOn(session: Session, sql: string, params: readonly Value[]): Promise<StatementResult> {
  const call = new SessionCall({ sql, params, access: "write", maxRows: Number.POSITIVE_INFINITY }, true);
  call.take(session);
  return call.result;
}
