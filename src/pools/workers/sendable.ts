/**
 * A copy of a value as another thread would get it, and so one that is sure to get there: the value itself may be another one the next time.
 *
 * @returns undefined if it can't be sent
 */
export function copied(value: unknown): { readonly value: unknown } | undefined {
  if (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol") return { value };
  try {
    return { value: structuredClone(value) };
  } catch {
    return undefined;
  }
}

/** Whether an error says that a value can't be cloned or transferred. */
export function isNotSendable(error: unknown): error is Error {
  return error instanceof Error && error.name === "DataCloneError";
}
