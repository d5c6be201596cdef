import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import {
  type CallContext,
  codedFailure,
  timeoutOf,
  waitForTurn,
} from "../../../../src/pools/database/call-context.ts";
import { DatabaseErrors } from "../../../../src/pools/database/database-errors.ts";
import { type Failure, TooManyRows } from "../../../../src/pools/database/driver.ts";
import type { Lane } from "../../../../src/pools/database/lane.ts";
import { Statements } from "../../../../src/pools/database/statement.ts";
import { Watch } from "../../../../src/pools/database/watch.ts";
import { Watches } from "../../../../src/pools/database/watches.ts";
import { Meter } from "../../../../src/pools/meter.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";

const driver = new FakeDatabaseDriver();
const context: CallContext = {
  name: "test",
  statements: new Statements("sqlite", "test"),
  meter: new Meter("test"),
  errors: new DatabaseErrors("test", driver),
  queryTimeoutMs: 123,
  maxRows: 5,
  maxWaiting: 5,
  acquireTimeoutMs: 5,
};

describe("timeoutOf", () => {
  it("is the call's own, null too, or the database's", () => {
    assert.equal(timeoutOf(context, undefined), 123);
    assert.equal(timeoutOf(context, {}), 123);
    assert.equal(timeoutOf(context, { timeoutMs: 7 }), 7);
    assert.equal(timeoutOf(context, { timeoutMs: null }), null);
  });
});

const told: (Failure["kind"] | undefined)[] = [];
const lane: Lane = {
  runner: driver,
  watches: new Watches(),
  enter: () => undefined,
  admitted: () => {},
  leave: () => {},
  succeeded: () => {},
  failed: (_, kind) => {
    told.push(kind);
  },
};

describe("waitForTurn", () => {
  it("tells how long it was, and why it came to nothing", async () => {
    assert.ok((await waitForTurn(lane, wait(10))) > 5);
    await assert.rejects(waitForTurn(lane, Promise.reject(new Error("refused"))), { message: "refused" });
    const down = new Error("it went down meanwhile");
    const changed = {
      ...lane,
      admitted: () => {
        throw down;
      },
    };
    await assert.rejects(waitForTurn(changed, Promise.resolve()), down);
  });
});

describe("codedFailure", () => {
  const coded = (error: unknown, stopped = false): string => {
    const watch = new Watch(new Watches(), { cancel: () => {} }, 5);
    if (stopped) watch.stop("timeout");
    return codedFailure(context, lane, error, { watch, maxRows: 5 }).code;
  };

  it("gives the code, and tells the lane what it is to the database", () => {
    assert.equal(coded(new FakeFailure("constraint")), "SLUICE_CONSTRAINT_VIOLATED");
    assert.equal(coded(new TooManyRows()), "SLUICE_TOO_MANY_ROWS");
    assert.equal(coded(new FakeFailure("cancelled"), true), "SLUICE_QUERY_TIMEOUT");
    assert.equal(coded(new FakeFailure("lost"), true), "SLUICE_QUERY_TIMEOUT");
    assert.equal(coded(new FakeFailure("constraint"), true), "SLUICE_CONSTRAINT_VIOLATED");
    assert.equal(coded(new FakeFailure("cancelled")), "SLUICE_QUERY_CANCELLED");
    assert.deepEqual(told, ["constraint", undefined, "cancelled", "lost", "constraint", "cancelled"]);
  });
});
