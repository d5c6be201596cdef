import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CallContext } from "../../../../src/pools/database/call-context.ts";
import { DatabaseErrors } from "../../../../src/pools/database/database-errors.ts";
import { Statements } from "../../../../src/pools/database/statement.ts";
import { TransactionLane } from "../../../../src/pools/database/transaction-lane.ts";
import { Watch } from "../../../../src/pools/database/watch.ts";
import { Meter } from "../../../../src/pools/meter.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";

const driver = new FakeDatabaseDriver();
const context: CallContext = {
  name: "test",
  statements: new Statements("sqlite", "test"),
  meter: new Meter("test"),
  errors: new DatabaseErrors("test", driver),
  queryTimeoutMs: null,
  maxRows: 5,
  maxWaiting: 5,
  acquireTimeoutMs: 60_000,
};

async function laneOf(): Promise<TransactionLane> {
  return new TransactionLane(context, await driver.begin({ isolation: undefined, readOnly: false }));
}

describe("TransactionLane", () => {
  it("lets one statement in at a time", async () => {
    const lane = await laneOf();
    assert.equal(lane.enter(undefined), undefined);
    const waiting = lane.enter(undefined);
    lane.leave();
    await waiting;
    assert.throws(() => lane.enter(AbortSignal.abort()), { code: "SLUICE_QUERY_CANCELLED" });
  });

  it("takes nothing after its end, from those who wait either", async () => {
    const lane = await laneOf();
    await lane.enter(undefined);
    const waiting = lane.enter(undefined);
    await lane.end();
    await assert.rejects(async () => waiting, { code: "SLUICE_TRANSACTION_ENDED" });
    assert.throws(() => lane.enter(undefined), { code: "SLUICE_TRANSACTION_ENDED" });
  });

  it("waits at its end for what is under way, and stops streams", async () => {
    const lane = await laneOf();
    const statement = new Watch(lane.watches, { cancel: () => {} }, null);
    statement.start(undefined);
    const stream = new Watch(lane.watches, { cancel: () => stream.end() }, null);
    stream.isStream = true;
    stream.start(undefined);
    let ended = false;
    const ending = lane.end().then(() => {
      ended = true;
    });
    assert.equal(stream.reason, "abort");
    await Promise.resolve();
    assert.equal(ended, false);
    statement.end();
    await ending;
  });

  it("ends those within at its own end, and undoes what they have begun", async () => {
    const lane = await laneOf();
    const within = new TransactionLane(context, lane.runner, lane);
    const innermost = new TransactionLane(context, lane.runner, within);
    const ended = { code: "SLUICE_TRANSACTION_ENDED" };
    await within.begin();
    const asked = driver.asked.length;
    await lane.end();
    assert.deepEqual(driver.asked.slice(asked), [
      "ROLLBACK TO SAVEPOINT sluice_1",
      "RELEASE SAVEPOINT sluice_1",
    ]);
    for (const each of [within, innermost, new TransactionLane(context, lane.runner, lane)]) {
      assert.throws(() => each.enter(undefined), ended);
      await assert.rejects(each.begin(), ended);
      await assert.rejects(each.release(), ended);
      await each.undo();
    }
    assert.equal(lane.doom, undefined);
    await lane.end();
    assert.equal(driver.asked.length, asked + 2);
  });

  it("undoes nothing of one within that hasn't begun, is done, or is undone with all of it", async () => {
    for (const prepare of [
      async () => {},
      async (within: TransactionLane) => {
        await within.begin();
        await within.release();
      },
      async (within: TransactionLane) => {
        await within.begin();
        await within.undo();
      },
      async (within: TransactionLane) => {
        await within.begin();
        within.failed(new Error("deadlock"), "conflict");
      },
      async (within: TransactionLane) => {
        await within.begin();
        within.stop(new Error("over"));
      },
    ]) {
      const lane = await laneOf();
      const within = new TransactionLane(context, lane.runner, lane);
      await prepare(within);
      const asked = driver.asked.length;
      await lane.end();
      await within.undo();
      assert.equal(driver.asked.length, asked);
    }
  });

  it("keeps nothing if one within can't be undone, unless the one around it can do that", async () => {
    const failing = new FakeDatabaseDriver();
    const runner = await failing.begin({ isolation: undefined, readOnly: false });
    for (const failures of [1, 2]) {
      let left = failures;
      failing.answer = ({ sql }) =>
        sql.startsWith("ROLLBACK TO") && left-- > 0 ? new FakeFailure("statement") : [];
      const lane = new TransactionLane(context, runner);
      const within = new TransactionLane(context, runner, lane);
      await within.begin();
      await Promise.all([within.undo(), lane.end()]);
      assert.equal(lane.doom?.isConflict, failures === 1 ? undefined : false);
    }
    failing.answer = ({ sql }) => (sql.startsWith("ROLLBACK TO") ? new FakeFailure("statement") : []);
    const lane = new TransactionLane(context, runner);
    await new TransactionLane(context, runner, lane).undo();
    assert.throws(() => lane.enter(undefined), { code: "SLUICE_QUERY_FAILED" });
  });

  it("refuses who was let in while it ended, and stops what begins after it", async () => {
    const lane = await laneOf();
    await lane.enter(undefined);
    const waiting = lane.enter(undefined);
    lane.leave();
    const ending = lane.end();
    await assert.rejects(async () => {
      await waiting;
      lane.admitted();
    }, /SLUICE_TRANSACTION_ENDED|has ended/);
    await ending;
    const late = new Watch(lane.watches, { cancel: () => {} }, null);
    late.start(undefined);
    assert.equal(late.reason, "abort");
    late.end();
  });

  it("gives each further statement the error that dooms it, within and around", async () => {
    const lane = await laneOf();
    const within = new TransactionLane(context, lane.runner, lane);
    assert.equal(within.depth, 1);
    const error = new Error("deadlock");
    within.failed(new Error("constraint"), "constraint");
    assert.equal(lane.doom, undefined);
    within.failed(error, "conflict");
    within.failed(new Error("another"), "lost");
    assert.deepEqual(lane.doom, { error, isConflict: true });
    for (const each of [lane, within]) assert.throws(() => each.enter(undefined), error);
  });

  it("stops what is under way, and whoever waits, with one error", async () => {
    const lane = await laneOf();
    const within = new TransactionLane(context, lane.runner, lane);
    await within.enter(undefined);
    const waiting = within.enter(undefined);
    const watch = new Watch(within.watches, { cancel: () => {} }, null);
    watch.start(undefined);
    const error = new Error("over");
    lane.stop(error);
    assert.equal(watch.reason, "abort");
    await assert.rejects(async () => waiting, error);
    assert.throws(() => lane.enter(undefined), error);
    watch.end();
  });
});
