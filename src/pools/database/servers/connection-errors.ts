import { reasonOf } from "../../../internal/reason-of.ts";

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
