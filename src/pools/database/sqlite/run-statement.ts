import type { AnswerBatch } from "./answer-batch.ts";
import { toBindable } from "./bindable.ts";
import type { CallStates } from "./call-states.ts";
import type { PreparedStatement } from "./prepared-statement.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { OWN_CODES, SqliteFailure, wasCancelled } from "./sqlite-failure.ts";
import type { ThreadRequest, WireValue } from "./thread-protocol.ts";

/** What statements in a thread are run with. */
export interface ThreadContext {
  readonly answers: AnswerBatch;
  readonly states: CallStates;
}

/**
 * Runs a statement and answers it.
 *
 * @returns what it failed with, which it has been answered with; undefined if it hasn't
 */
export function runStatement(
  connection: SqliteConnection,
  request: ThreadRequest,
  context: ThreadContext,
): unknown {
  const { answers } = context;
  const { slot } = request;
  const mark = answers.mark;
  try {
    const { sql, params } = toBindable(request.sql, request.params as WireValue[]);
    const prepared = connection.prepare(sql);
    if (!prepared.hasRows) {
      const before = prepared.isUpsert ? connection.lastInsertId() : null;
      const { affectedRows, lastInsertId } = prepared.change(params);
      answers.done(slot, affectedRows, keyMade(connection, prepared, { before, after: lastInsertId }));
    } else if (prepared.verb === "select" || prepared.verb === "alone") {
      readRows(connection, prepared, { ...request, params }, context);
    } else changeReturningRows(connection, prepared, { ...request, params }, context);
    return undefined;
  } catch (error) {
    answers.takeBack(mark);
    answers.failed(slot, error);
    return error;
  }
}

/** Whether the binding refused an integer that isn't safe as a number. */
function isTooLargeForNumber(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Value is too large to be represented");
}

function readRows(
  connection: SqliteConnection,
  prepared: PreparedStatement,
  request: ThreadRequest,
  context: ThreadContext,
): void {
  const mark = context.answers.mark;
  const append = connection.givesOneRow(prepared) ? appendRow : appendRows;
  try {
    append(prepared, request, context);
    connection.learn(prepared);
  } catch (error) {
    if (prepared.readsBigInts || !isTooLargeForNumber(error)) throw error;
    context.answers.takeBack(mark);
    prepared.readBigInts();
    append(prepared, request, context);
  }
}

// SQLite makes all changes before it gives the first row, so that giving up while reading rows has to undo them.
function changeReturningRows(
  connection: SqliteConnection,
  prepared: PreparedStatement,
  request: ThreadRequest,
  context: ThreadContext,
): void {
  connection.exec("SAVEPOINT sluice_returning");
  try {
    const start = context.answers.mark;
    const before = prepared.isUpsert ? connection.lastInsertId() : null;
    const rows = appendRows(prepared, request, context);
    const lastInsertId = prepared.verb === "insert" && rows > 0 ? connection.lastInsertId() : null;
    context.answers.setChanges(start, rows, keyMade(connection, prepared, { before, after: lastInsertId }));
    connection.exec("RELEASE sluice_returning");
  } catch (error) {
    // There is none left if the error has rolled back the transaction.
    if (connection.isTransaction) connection.exec("ROLLBACK TO sluice_returning; RELEASE sluice_returning");
    throw error;
  }
}

type Key = number | bigint | null;

// One that updates, or whose table has no keys of this kind, leaves the key of whatever was inserted before.
function keyMade(
  connection: SqliteConnection,
  prepared: PreparedStatement,
  { before, after }: { readonly before: Key; readonly after: Key },
): Key {
  return after === null || after === before || !connection.makesKey(prepared) ? null : after;
}

function appendRow(
  prepared: PreparedStatement,
  { slot, limit, params }: ThreadRequest,
  { answers }: ThreadContext,
): void {
  const start = answers.beginRows(slot);
  const row = prepared.first(params as WireValue[]);
  if (row !== undefined) {
    if (limit === 0) throw tooManyRows(limit);
    prepared.append(row, answers.values);
  }
  answers.endRows(start, prepared.columns(), row === undefined ? 0 : 1, true);
}

function appendRows(
  prepared: PreparedStatement,
  { slot, limit, params }: ThreadRequest,
  { answers, states }: ThreadContext,
): number {
  const start = answers.beginRows(slot);
  const values = answers.values;
  const rows = prepared.iterate(params as WireValue[]);
  let count = 0;
  let isDone = false;
  try {
    for (let next = rows.next(); next.done !== true; next = rows.next()) {
      if (states.isCancelled(slot)) throw wasCancelled();
      if (count === limit) throw tooManyRows(limit);
      prepared.append(next.value, values);
      count += 1;
    }
    isDone = true;
  } finally {
    // At its end SQLite has reset it.
    if (!isDone) rows.return?.();
  }
  answers.endRows(start, prepared.columns(), count, true);
  return count;
}

function tooManyRows(limit: number): SqliteFailure {
  return new SqliteFailure(OWN_CODES.tooManyRows, 0, `there are more than ${limit} rows`);
}
