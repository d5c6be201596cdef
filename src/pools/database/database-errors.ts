import { SluiceError, type SluiceErrorCode } from "../../errors/index.ts";
import { reasonOf } from "../../internal/reason-of.ts";
import { type DatabaseDriver, type Failure, TooManyRows } from "./driver.ts";
import type { StopReason } from "./watch.ts";

/** What was being done when an error came. */
export interface FailedWork {
  /** Why it was stopped from here; undefined if it wasn't. */
  readonly reason: StopReason | undefined;
  /** Its deadline, in milliseconds. */
  readonly timeoutMs: number | null;
  /** Why its caller's signal was aborted. */
  readonly cause: unknown;
}

const CODES: Readonly<Record<Failure["kind"], SluiceErrorCode>> = {
  unreachable: "SLUICE_UNREACHABLE",
  lost: "SLUICE_CONNECTION_LOST",
  credentials: "SLUICE_CREDENTIALS_REFUSED",
  conflict: "SLUICE_TRANSACTION_CONFLICT",
  cancelled: "SLUICE_QUERY_CANCELLED",
  constraint: "SLUICE_CONSTRAINT_VIOLATED",
  statement: "SLUICE_QUERY_FAILED",
};

/** Gives the errors of a driver their codes. */
export class DatabaseErrors {
  readonly #name: string;
  readonly #driver: Pick<DatabaseDriver, "classify">;

  /** @param name the pool's */
  constructor(name: string, driver: Pick<DatabaseDriver, "classify">) {
    this.#name = name;
    this.#driver = driver;
  }

  /** What an error means; undefined for one that says so itself. */
  kind(error: unknown): Failure["kind"] | undefined {
    if (error instanceof SluiceError || error instanceof TooManyRows) return undefined;
    return this.#driver.classify(error).kind;
  }

  /** An error with its code, the driver's as its cause. */
  coded(error: unknown, kind: Failure["kind"] | undefined): SluiceError {
    if (error instanceof SluiceError) return error;
    return new SluiceError(
      CODES[kind ?? "statement"],
      { name: this.#name, reason: reasonOf(error), attempts: 1 },
      { cause: error },
    );
  }

  /** What a query gives for more rows than it may have. */
  tooManyRows(maxRows: number, cause: unknown): SluiceError {
    return new SluiceError("SLUICE_TOO_MANY_ROWS", { maxRows }, { cause });
  }

  /** What work gives that was stopped from here. */
  stopped(work: FailedWork): SluiceError {
    const name = this.#name;
    if (work.reason === "timeout")
      return new SluiceError("SLUICE_QUERY_TIMEOUT", { name, timeoutMs: work.timeoutMs ?? 0 });
    if (work.reason === "closed") return new SluiceError("SLUICE_POOL_CLOSED", { name });
    return new SluiceError("SLUICE_QUERY_CANCELLED", { name }, { cause: work.cause });
  }

  /** What callers get while nobody is let through to the server. */
  unreachable(reason: string): SluiceError {
    return new SluiceError("SLUICE_UNREACHABLE", { name: this.#name, reason });
  }

  /** What a transaction gives whose commit may or may not have been done. */
  commitUnknown(cause: unknown): SluiceError {
    return new SluiceError("SLUICE_COMMIT_UNKNOWN", { name: this.#name, reason: reasonOf(cause) }, { cause });
  }

  /** What a transaction gives that got in the way of others each time. */
  conflict(attempts: number, cause: unknown): SluiceError {
    return new SluiceError("SLUICE_TRANSACTION_CONFLICT", { attempts, reason: reasonOf(cause) }, { cause });
  }
}
