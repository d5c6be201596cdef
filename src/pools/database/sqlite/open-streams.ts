import { toBindable } from "./bindable.ts";
import type { PreparedStatement, RawRow } from "./prepared-statement.ts";
import type { ThreadContext } from "./run-statement.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { OWN_CODES, SqliteFailure, wasCancelled } from "./sqlite-failure.ts";
import type { ThreadRequest, WireValue } from "./thread-protocol.ts";

interface OpenStream {
  readonly session: number;
  readonly prepared: PreparedStatement;
  readonly rows: Iterator<RawRow>;
  readonly batchRows: number;
  readonly onEnd: () => void;
}

/** The streams of a thread: statements that stay open between two requests. */
export class OpenStreams {
  readonly #context: ThreadContext;
  readonly #streams = new Map<number, OpenStream>();

  constructor(context: ThreadContext) {
    this.#context = context;
  }

  /** Opens one and answers its first rows. `onEnd` is called once, when it has ended in whatever way. */
  open(request: ThreadRequest, connection: SqliteConnection, onEnd: () => void): void {
    try {
      const { sql, params } = toBindable(request.sql, request.params as WireValue[]);
      const prepared = connection.prepareApart(sql);
      // A row can't be read again once it has turned out that an integer is too large.
      prepared.readBigInts();
      const rows = prepared.iterate(params);
      const { session, limit: batchRows } = request;
      this.#streams.set(request.slot, { session, prepared, rows, batchRows, onEnd });
    } catch (error) {
      this.#context.answers.failed(request.slot, error);
      onEnd();
      return;
    }
    this.next(request);
  }

  /** Answers the next rows of one. */
  next({ slot }: ThreadRequest): void {
    const { answers } = this.#context;
    const stream = this.#streams.get(slot);
    if (stream === undefined) {
      answers.failed(slot, new SqliteFailure(OWN_CODES.cancelled, 0, "its transaction has ended"));
      return;
    }
    const mark = answers.mark;
    try {
      if (this.#appendRows(slot, stream)) this.#end(slot, stream);
    } catch (error) {
      answers.takeBack(mark);
      answers.failed(slot, error);
      this.#end(slot, stream);
    }
  }

  /** Ends one that was to be stopped before it began to give its next rows. */
  cancel(slot: number): void {
    this.close(slot);
    this.#context.answers.cancelled(slot);
  }

  /** Ends one, if it hasn't ended. */
  close(slot: number): void {
    const stream = this.#streams.get(slot);
    if (stream !== undefined) this.#end(slot, stream);
  }

  /** Ends all those of a transaction. */
  closeOf(session: number): void {
    for (const [slot, stream] of this.#streams) if (stream.session === session) this.#end(slot, stream);
  }

  #appendRows(slot: number, { prepared, rows, batchRows }: OpenStream): boolean {
    const { answers, states } = this.#context;
    const start = answers.beginRows(slot);
    let count = 0;
    let isEnd = false;
    while (count < batchRows && !isEnd) {
      if (states.isCancelled(slot)) throw wasCancelled();
      const next = rows.next();
      if (next.done === true) isEnd = true;
      else {
        prepared.append(next.value, answers.values);
        count += 1;
      }
    }
    answers.endRows(start, prepared.columns(), count, isEnd);
    return isEnd;
  }

  #end(slot: number, { prepared, rows, onEnd }: OpenStream): void {
    this.#streams.delete(slot);
    rows.return?.();
    prepared.release();
    onEnd();
  }
}
