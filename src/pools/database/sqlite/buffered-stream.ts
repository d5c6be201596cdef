import type { RowStream, Running, StatementResult } from "../driver.ts";
import { wasCancelled } from "./sqlite-failure.ts";

/** Rows that were all read at once, given a few at a time: of what changes something, which must not stay open. */
export class BufferedStream implements RowStream {
  readonly #start: () => Running<StatementResult>;
  readonly #batchRows: number;
  #running: Running<StatementResult> | undefined;
  #given = 0;
  #isClosed = false;

  constructor(start: () => Running<StatementResult>, batchRows: number) {
    this.#start = start;
    this.#batchRows = batchRows;
  }

  async next(): Promise<StatementResult["rows"]> {
    if (this.#isClosed) throw wasCancelled();
    this.#running ??= this.#start();
    const { rows } = await this.#running.result;
    const batch = rows.slice(this.#given, this.#given + this.#batchRows);
    this.#given += batch.length;
    return batch;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#running?.cancel();
  }
}
