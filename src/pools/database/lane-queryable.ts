import type { CallContext } from "./call-context.ts";
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
import { streamRows } from "./stream-call.ts";

const NO_PARAMS: readonly Parameter[] = Object.freeze([]);

/** Runs SQL on a lane. */
export abstract class LaneQueryable implements Queryable {
  readonly #context: CallContext;
  readonly #lane: Lane;

  constructor(context: CallContext, lane: Lane) {
    this.#context = context;
    this.#lane = lane;
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
      const statement = this.#context.statements.statement(sql, params, Number.POSITIVE_INFINITY);
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
    const context = this.#context;
    const statement = context.statements.statement(sql, params, options?.maxRows ?? context.maxRows);
    return runStatement(context, this.#lane, statement, options);
  }
}
