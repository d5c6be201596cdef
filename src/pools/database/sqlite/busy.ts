// While another connection writes, in this process or in another one, SQLite says that it is busy.

import { hasResultCode, RESULT_CODES } from "./sqlite-failure.ts";

/** So long whoever writes waits for others to let the database go. */
export const BUSY_TIMEOUT_MS = 5_000;
/** How long it is left alone before the next try. */
export const BUSY_PAUSE_MS = 5;

/** Whether an error says that another connection has the database. */
export function isBusy(error: unknown): boolean {
  return error !== undefined && hasResultCode(error, RESULT_CODES.busy);
}
