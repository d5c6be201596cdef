import { runStatement, type ThreadContext } from "./run-statement.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { hasResultCode, RESULT_CODES } from "./sqlite-failure.ts";
import { verbOf } from "./statement-verb.ts";
import type { ThreadRequest } from "./thread-protocol.ts";

// A group is closed after so many milliseconds, so that the first in it doesn't wait for all that keep coming.
const MAX_GROUP_MS = 20;
const MAX_GROUP = 1_024;

/** What becomes of a group's requests. */
export interface GroupSource {
  /** The next request that has been begun; undefined if there is none that may join. */
  take(): ThreadRequest | undefined;
  /** Whether nothing more may be committed. */
  isDoomed(): boolean;
}

/**
 * Runs writes in one transaction, which has been begun, and commits it: one sync of the disk for all.
 *
 * Each keeps its own success or failure. SQLite undoes what a failing statement did and keeps the transaction (its ABORT, and FAIL, as
 * without a transaction). What undoes more than that, ON CONFLICT ROLLBACK, RAISE(ROLLBACK), and a deferred constraint that shows at the
 * commit, undoes all of the group: nobody has been told anything yet, so that each is then run in a transaction of its own.
 *
 * No answer is sent before the commit has succeeded.
 *
 * @param again begins a transaction for one of them alone; false if it couldn't, and has answered it
 * @returns whether the schema may have been changed
 */
export function runWriteGroup(
  connection: SqliteConnection,
  context: ThreadContext,
  source: GroupSource,
  again: (request: ThreadRequest) => boolean,
): boolean {
  const { answers, states } = context;
  const mark = answers.mark;
  const { group, changedSchema } = runAll(connection, context, source);
  if (source.isDoomed()) return false;
  // From here on none of them can be stopped.
  states.rest();
  const outcome = commit(connection);
  if (outcome === undefined) return changedSchema;
  if (outcome.isWhole) {
    answers.takeBack(mark);
    for (const { slot } of group) answers.failed(slot, outcome.error);
    return false;
  }
  if (group.length === 1) return answerAlone(group[0] as ThreadRequest, { context, mark, outcome });
  answers.takeBack(mark);
  let hasChangedSchema = false;
  for (const request of group) {
    if (states.isCancelled(request.slot)) answers.cancelled(request.slot);
    else if (again(request)) {
      const alone = { take: once(request), isDoomed: source.isDoomed };
      if (runWriteGroup(connection, context, alone, again)) hasChangedSchema = true;
    }
  }
  return hasChangedSchema;
}

interface Outcome {
  /** What the commit failed with; undefined if there was nothing left to commit, and the statement has been answered. */
  readonly error: unknown;
  /** The commit failed because of the disk: trying it again one by one would only make it worse. */
  readonly isWhole: boolean;
}

function runAll(
  connection: SqliteConnection,
  context: ThreadContext,
  source: GroupSource,
): { group: ThreadRequest[]; changedSchema: boolean } {
  const group: ThreadRequest[] = [];
  const closesAt = performance.now() + MAX_GROUP_MS;
  let changedSchema = false;
  while (group.length < MAX_GROUP && !context.answers.isLarge) {
    const request = source.take();
    if (request === undefined) break;
    group.push(request);
    const error = runStatement(connection, request, context);
    if (source.isDoomed()) break;
    if (error !== undefined && !connection.isTransaction) break;
    if (error === undefined && verbOf(request.sql) === "schema") {
      changedSchema = true;
      connection.forgetStatements();
    }
    if (performance.now() > closesAt) break;
  }
  return { group, changedSchema };
}

function commit(connection: SqliteConnection): Outcome | undefined {
  if (!connection.isTransaction) return { error: undefined, isWhole: false };
  try {
    connection.exec("COMMIT");
    return undefined;
  } catch (error) {
    connection.rollback();
    return { error, isWhole: !hasResultCode(error, RESULT_CODES.constraint) };
  }
}

function answerAlone(
  { slot }: ThreadRequest,
  { context, mark, outcome }: { context: ThreadContext; mark: number; outcome: Outcome },
): false {
  if (outcome.error !== undefined) {
    context.answers.takeBack(mark);
    context.answers.failed(slot, outcome.error);
  }
  return false;
}

function once(request: ThreadRequest): () => ThreadRequest | undefined {
  let next: ThreadRequest | undefined = request;
  return () => {
    const taken = next;
    next = undefined;
    return taken;
  };
}
