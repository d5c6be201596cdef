/** No connection could be made: nothing has been sent. */
export class ConnectError extends Error {
  /** @param cause what the driver said */
  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
  }
}

/** The connection broke, or was given up, while something was under way: what became of that isn't known. */
export class LostError extends Error {
  /** @param cause what the driver said, or a sentence */
  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
  }
}

/** Cancelled before anything had been sent. */
export class NotStartedError extends Error {
  constructor() {
    super("it was cancelled before it had begun");
  }
}

/** What an error says, if need be with the words of those that it is made of: Node's for a host with several addresses says nothing. */
export function reasonOf(error: unknown): string {
  if (typeof error === "string") return error;
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map((each) => reasonOf(each)).join("; ");
  }
  if (error instanceof Error && error.message !== "") return error.message;
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : String(error);
}
