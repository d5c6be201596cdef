/** Whether an error only says that something was stopped by a signal: its reason, or an error that Node's own functions make of it. */
export function isAbortOf(signal: AbortSignal, error: unknown): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.cause === signal.reason);
}
