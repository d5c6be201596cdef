import type { SluiceError } from "../../errors/index.ts";
import type { Meter } from "../meter.ts";
import type { QueryOptions } from "./database.ts";
import type { DatabaseErrors } from "./database-errors.ts";
import { TooManyRows } from "./driver.ts";
import type { Lane } from "./lane.ts";
import type { Statements } from "./statement.ts";
import type { Watch } from "./watch.ts";

/** What all statements of a pool share. */
export interface CallContext {
  readonly name: string;
  readonly statements: Statements;
  readonly meter: Meter;
  readonly errors: DatabaseErrors;
  /** As in the options of the database. */
  readonly queryTimeoutMs: number | null;
  /** As in the options of the database. */
  readonly maxRows: number;
  /** As in the options of the database. */
  readonly maxWaiting: number;
  /** As in the options of the database. */
  readonly acquireTimeoutMs: number;
}

/** Waits for a turn on a lane. @returns for how many milliseconds */
export async function waitForTurn(lane: Lane, turn: Promise<void>): Promise<number> {
  const since = performance.now();
  await turn;
  lane.admitted();
  return performance.now() - since;
}

/** How long work may take that doesn't say so itself. */
export function timeoutOf(context: CallContext, options: QueryOptions | undefined): number | null {
  return options?.timeoutMs === undefined ? context.queryTimeoutMs : options.timeoutMs;
}

/** What a failure is to the caller; the lane is told what it is to the database. */
export function codedFailure(
  context: CallContext,
  lane: Lane,
  error: unknown,
  { watch, maxRows }: { readonly watch: Watch | undefined; readonly maxRows: number },
): SluiceError {
  const { errors } = context;
  const kind = errors.kind(error);
  const isStopped =
    watch?.reason !== undefined && (kind === undefined || kind === "cancelled" || kind === "lost");
  const coded =
    error instanceof TooManyRows
      ? errors.tooManyRows(maxRows, error)
      : watch !== undefined && isStopped
        ? errors.stopped(watch)
        : errors.coded(error, kind);
  lane.failed(coded, kind);
  return coded;
}
