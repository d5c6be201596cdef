/** Whether a value can be copied to another thread. */
export function isSendable(value: unknown): boolean {
  if (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol") return true;
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether an error says that a value can't be cloned or transferred. */
export function isNotSendable(error: unknown): error is Error {
  return error instanceof Error && error.name === "DataCloneError";
}
