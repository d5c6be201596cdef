import type { DriverTransaction } from "../driver.ts";
import { LostError } from "./connection-errors.ts";
import { promisedInTime } from "./promised.ts";
import { SessionRunner } from "./session-runner.ts";

// For a transaction without a deadline. A commit may have much to write; a rollback has no reason to take long.
const COMMIT_MS = 30_000;
const ROLLBACK_MS = 1_000;

/** A transaction on a session of its own. */
export class SessionTransaction extends SessionRunner implements DriverTransaction {
  async commit(withinMs: number = COMMIT_MS): Promise<void> {
    const { session } = this;
    try {
      const tag = await promisedInTime<string>(session, withinMs, (outcome) =>
        session.control("COMMIT", outcome),
      );
      // PostgreSQL's way to say that a statement of the transaction had failed before: it commits nothing, and that is no error.
      if (tag === "ROLLBACK")
        throw new Error("the transaction was rolled back, since one of its statements had failed");
    } catch (error) {
      if (!(error instanceof LostError) && !session.isBroken) await this.#rollBack();
      throw error;
    } finally {
      session.release();
    }
  }

  async rollback(): Promise<void> {
    await this.#rollBack();
    this.session.release();
  }

  async #rollBack(): Promise<void> {
    const { session } = this;
    if (session.isBroken) return;
    try {
      await promisedInTime<string>(session, ROLLBACK_MS, (outcome) => session.control("ROLLBACK", outcome));
    } catch {
      // The server rolls back what a connection leaves behind.
      session.destroy("it couldn't roll back");
    }
  }
}
