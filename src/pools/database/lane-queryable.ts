import type { CallContext } from "./call-context.ts";
import { checkRowsOptions, checkStreamOptions } from "./call-options.ts";
import type {
  ExecuteResult,
  Parameter,
  Queryable,
  QueryOptions,
  RowsOptions,
  StreamOptions,
  Value,
} from "./database.ts";
import type { StatementResult } from "./driver.ts";
import type { Lane } from "./lane.ts";
import { runStatement } from "./run-statement.ts";
import type { StatementPlace } from "./statement.ts";
import { streamRows } from "./stream-call.ts";

const NO_PARAMS: readonly Parameter[] = Object.freeze([]);

/** Runs SQL on a lane. */
export abstract class LaneQueryable implements Queryable {
  readonly #context: CallContext;
  readonly #lane: Lane;
  readonly #place: StatementPlace;

  /** @param place what the lane leads to */
  constructor(context: CallContext, lane: Lane, place: StatementPlace) {
    this.#context = context;
    this.#lane = lane;
    this.#place = place;
  }

  async query<Row extends object = Record<string, Value>>(
    sql: string,
    params: readonly Parameter[] = NO_PARAMS,
    options?: RowsOptions,
  ): Promise<Row[]> {
    const { rows } = await this.run(sql, params, options);
    return rows as Row[];
  }

  async execute(
    sql: string,
    params: readonly Parameter[] = NO_PARAMS,
    options?: QueryOptions,
  ): Promise<ExecuteResult> {
    const { affectedRows, lastInsertId } = await this.run(sql, params, options);
    return { affectedRows, lastInsertId };
  }

  stream<Row extends object = Record<string, Value>>(
    sql: string,
    params: readonly Parameter[] = NO_PARAMS,
    options?: StreamOptions,
  ): AsyncIterable<Row> {
    const begin = (): AsyncIterator<Row> => {
      checkStreamOptions(options);
      const { statements } = this.#context;
      const statement = statements.statement(sql, params, Number.POSITIVE_INFINITY, this.#place);
      return streamRows(
        this.#context,
        this.#lane,
        statement,
        options,
      ) as AsyncIterator<unknown> as AsyncIterator<Row>;
    };
    return { [Symbol.asyncIterator]: begin };
  }

  /**
   * Gives a statement's rows and what it did at once, for what can't know which of them it is about. It throws at once what is wrong with
   * its arguments: those who call it are asynchronous themselves.
   */
  run(sql: string, params: readonly Parameter[], options?: RowsOptions): Promise<StatementResult> {
    checkRowsOptions(options);
    const context = this.#context;
    const maxRows = options?.maxRows ?? context.maxRows;
    const statement = context.statements.statement(sql, params, maxRows, this.#place);
    return runStatement(context, this.#lane, statement, options);
  }
}
