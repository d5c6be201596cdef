import type { Failure, StatementRunner } from "./driver.ts";
import type { Watches } from "./watches.ts";

/** A way for statements into the database: the pool's, on any connection, or a transaction's, on its own. */
export interface Lane {
  readonly runner: StatementRunner;
  /** What is under way on it. */
  readonly watches: Watches;
  /**
   * Waits for its turn.
   *
   * @returns undefined if there is nothing to wait for
   * @throws why nothing more is taken
   */
  enter(signal: AbortSignal | undefined): Promise<void> | undefined;
  /** Called when a turn that was waited for has come. @throws what has changed meanwhile; then the turn is the next one's already */
  admitted(): void;
  /** Makes room for the next one; once for each that came in. */
  leave(): void;
  /** A statement was done. */
  succeeded(): void;
  /** A statement failed. @param kind undefined where the database didn't say so */
  failed(error: Error, kind: Failure["kind"] | undefined): void;
}
