import type { SluiceError } from "../../errors/index.ts";
import { type CallContext, codedFailure, timeoutOf, waitForTurn } from "./call-context.ts";
import type { StreamOptions, Value } from "./database.ts";
import type { RowStream, Statement } from "./driver.ts";
import type { Lane } from "./lane.ts";
import { type Stoppable, Watch } from "./watch.ts";

const BATCH_ROWS = 100;

/**
 * Gives rows as they come. Nothing begins before the first is asked for. The deadline is for each batch: what the caller does
 * with the rows isn't the query's time.
 */
export async function* streamRows(
  context: CallContext,
  lane: Lane,
  statement: Statement,
  options: StreamOptions | undefined,
): AsyncGenerator<Record<string, Value>, void, undefined> {
  const turn = lane.enter(options?.signal);
  const waitedMs = turn === undefined ? 0 : await waitForTurn(lane, turn);
  const call = new StreamCall(context, lane, { statement, options, waitedMs });
  try {
    for (let batch = await call.next(); batch.length > 0; batch = await call.next()) {
      for (const row of batch) yield row;
    }
  } finally {
    // Also where the loop is left in the midst of it.
    await call.finish();
  }
}

interface StreamWork {
  readonly statement: Statement;
  readonly options: StreamOptions | undefined;
  readonly waitedMs: number;
}

// A stream may be stopped while its caller is at work on the last rows, and needn't come back: it lets go of everything by itself.
class StreamCall implements Stoppable {
  readonly #context: CallContext;
  readonly #lane: Lane;
  readonly #work: StreamWork;
  readonly #watch: Watch;
  #rows: RowStream | undefined;
  #spentMs = 0;
  #failure: SluiceError | undefined;
  #finished: Promise<void> | undefined;

  constructor(context: CallContext, lane: Lane, work: StreamWork) {
    this.#context = context;
    this.#lane = lane;
    this.#work = work;
    this.#watch = new Watch(lane.watches, this, timeoutOf(context, work.options));
    this.#watch.isStream = true;
    this.#watch.start(work.options?.signal);
  }

  async next(): Promise<Record<string, Value>[]> {
    if (this.#watch.reason !== undefined) throw this.#stopped();
    const since = performance.now();
    this.#watch.resume();
    try {
      this.#rows ??= this.#lane.runner.stream(
        this.#work.statement,
        this.#work.options?.batchRows ?? BATCH_ROWS,
      );
      const batch = await this.#rows.next();
      if (this.#watch.reason === undefined) return batch;
    } catch (error) {
      const { statement } = this.#work;
      this.#failure = codedFailure(this.#context, this.#lane, error, {
        watch: this.#watch,
        maxRows: statement.maxRows,
      });
      throw this.#failure;
    } finally {
      this.#watch.pause();
      this.#spentMs += performance.now() - since;
    }
    // Rows that end because they were stopped must not look as if they were all.
    throw this.#stopped();
  }

  cancel(): void {
    this.#failure ??= this.#context.errors.stopped(this.#watch);
    void this.finish();
  }

  /** Lets its connection go. Never rejects. */
  finish(): Promise<void> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  async #finish(): Promise<void> {
    const since = performance.now();
    try {
      await this.#rows?.close();
    } catch {
      // What the rows had to say, they have said; the connection is given up by the driver.
    }
    this.#watch.end();
    this.#lane.leave();
    if (this.#failure === undefined) this.#lane.succeeded();
    this.#spentMs += performance.now() - since;
    const { statement, waitedMs } = this.#work;
    this.#context.meter.ended(statement.sql, waitedMs, performance.now() - this.#spentMs, this.#failure);
  }

  #stopped(): SluiceError {
    return this.#failure ?? this.#context.errors.stopped(this.#watch);
  }
}
