import type { SluiceError } from "../../errors/index.ts";
import { type CallContext, codedFailure, timeoutOf } from "./call-context.ts";
import type { QueryOptions } from "./database.ts";
import type { Statement, StatementResult } from "./driver.ts";
import type { Lane } from "./lane.ts";
import { Watch } from "./watch.ts";

/** Runs a statement on a lane: waits for its turn, sees that it ends, and gives its failure a code. */
export async function runStatement(
  context: CallContext,
  lane: Lane,
  statement: Statement,
  options: QueryOptions | undefined,
): Promise<StatementResult> {
  const turn = lane.enter(options?.signal);
  let waitedMs = 0;
  if (turn !== undefined) {
    // Here, and not in a function of its own: in a busy pool each query comes by, and a promise more is felt.
    const since = performance.now();
    await turn;
    lane.admitted();
    waitedMs = performance.now() - since;
  }
  const startedAt = performance.now();
  let failure: SluiceError | undefined;
  let watch: Watch | undefined;
  try {
    const running = lane.runner.run(statement);
    watch = new Watch(lane.watches, running, timeoutOf(context, options));
    watch.start(options?.signal);
    const result = await running.result;
    lane.succeeded();
    // Some give what they have when they are told to stop, as MySQL's SLEEP does. What was written in the last moment is done, though.
    if (watch.reason !== undefined && statement.access === "read") throw context.errors.stopped(watch);
    return result;
  } catch (error) {
    failure = codedFailure(context, lane, error, { watch, maxRows: statement.maxRows });
    throw failure;
  } finally {
    watch?.end();
    lane.leave();
    context.meter.ended(statement.sql, waitedMs, startedAt, failure);
  }
}
