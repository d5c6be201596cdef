import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import {
  type Statement,
  type StatementResult,
  TooManyRows,
} from "../../../../../src/pools/database/driver.ts";
import { LostError, NotStartedError } from "../../../../../src/pools/database/servers/connection-errors.ts";
import type {
  Outcome,
  Session,
  SessionCursor,
  StatementOutcome,
} from "../../../../../src/pools/database/servers/session.ts";
import { SessionCall } from "../../../../../src/pools/database/servers/session-call.ts";
import { turns, waitFor } from "../../../../support/wait-for.ts";

const STATEMENT: Statement = { sql: "SELECT 1", params: [], access: "read", maxRows: 10 };
const RESULT: StatementResult = { rows: [{ one: 1 }], affectedRows: 0, lastInsertId: undefined };

/** A session that does nothing by itself, and notes what is done to it. */
class FakeSession implements Session {
  isBroken = false;
  outcome: StatementOutcome | null = null;
  failure: Error | null = null;
  pinged: Outcome<void> | null = null;
  told: (() => void) | null = null;
  readonly done: string[] = [];

  run(_statement: Statement, outcome: StatementOutcome): void {
    if (this.failure !== null) throw this.failure;
    this.outcome = outcome;
  }

  control(): void {}

  ping(outcome: Outcome<void>): void {
    this.done.push("ping");
    this.pinged = outcome;
  }

  openCursor(): SessionCursor {
    throw new Error("no cursors here");
  }

  interrupt(): Promise<void> {
    this.done.push("interrupt");
    return new Promise((resolve) => {
      this.told = resolve;
    });
  }

  release(): void {
    this.done.push("release");
  }

  destroy(): void {
    this.done.push("destroy");
  }
}

describe("a statement on a session", () => {
  let session: FakeSession;
  let call: SessionCall;
  beforeEach(() => {
    session = new FakeSession();
    call = new SessionCall(STATEMENT, false);
  });

  it("gives its session back and its result", async () => {
    call.take(session);
    session.outcome?.succeed(RESULT);
    assert.equal(await call.result, RESULT);
    assert.deepEqual(session.done, ["release"]);
    call.cancel();
    assert.deepEqual(session.done, ["release"]);
  });

  it("fails, and gives its session back, where it can't begin", async () => {
    session.failure = new Error("not to be encoded");
    call.take(session);
    await assert.rejects(call.result, session.failure);
    assert.deepEqual(session.done, ["release"]);
  });

  it("keeps a session that is somebody else's", async () => {
    const within = new SessionCall(STATEMENT, true);
    within.take(session);
    session.outcome?.succeed(RESULT);
    await within.result;
    assert.deepEqual(session.done, []);
  });

  it("never begins if it is cancelled before it has a session, and gives back the one that comes", async () => {
    call.cancel();
    await assert.rejects(call.result, NotStartedError);
    call.take(session);
    assert.equal(session.outcome, null);
    assert.deepEqual(session.done, ["release"]);
  });

  it("gives its session back only when the server has been told to stop it, and has answered after", async () => {
    call.take(session);
    call.cancel();
    call.cancel();
    session.outcome?.fail(new Error("cancelled"));
    await turns(2);
    assert.deepEqual(session.done, ["interrupt"]);
    session.told?.();
    await turns(2);
    assert.deepEqual(session.done, ["interrupt", "ping"]);
    // That it is the ping which is stopped is an answer too.
    session.pinged?.fail(new Error("cancelled"));
    await assert.rejects(call.result, /cancelled/);
    assert.deepEqual(session.done, ["interrupt", "ping", "release"]);
  });

  it("gives what it has if it ended before it could be stopped", async () => {
    call.take(session);
    call.cancel();
    session.told?.();
    session.outcome?.succeed(RESULT);
    await waitFor("the ping", () => session.pinged !== null);
    session.pinged?.succeed();
    assert.equal(await call.result, RESULT);
  });

  it("gives a connection up that says nothing", async () => {
    call.take(session);
    call.cancel();
    await assert.rejects(call.result, LostError);
    assert.deepEqual(session.done, ["interrupt", "destroy", "release"]);
    // Whatever comes of it now belongs to nobody.
    session.outcome?.succeed(RESULT);
  });

  it("is stopped when there are too many rows", async () => {
    call.take(session);
    session.outcome?.exceeded();
    session.outcome?.succeed(RESULT);
    session.told?.();
    await waitFor("the ping", () => session.pinged !== null);
    session.pinged?.succeed();
    await assert.rejects(call.result, TooManyRows);
  });

  it("waits for nothing when the connection is gone", async () => {
    call.take(session);
    call.cancel();
    session.outcome?.fail(new LostError("gone"));
    await assert.rejects(call.result, LostError);
    assert.deepEqual(session.done, ["interrupt", "release"]);
  });

  it("says why there is no session", async () => {
    const reason = new Error("refused");
    assert.equal(call.refuse(reason), true);
    await assert.rejects(call.result, reason);
  });

  it("says that it no longer waits for a session", async () => {
    call.cancel();
    await assert.rejects(call.result, NotStartedError);
    assert.equal(call.refuse(new Error("too late")), false);
  });
});
