import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Breaker } from "../../../../src/pools/breaker.ts";
import { DatabaseErrors } from "../../../../src/pools/database/database-errors.ts";
import { PoolLane } from "../../../../src/pools/database/pool-lane.ts";
import { Meter } from "../../../../src/pools/meter.ts";
import { Permits } from "../../../../src/pools/permits.ts";
import { FakeDatabaseDriver } from "../../../support/fake-database-driver.ts";
import { waitFor } from "../../../support/wait-for.ts";

describe("PoolLane", () => {
  let breaker: Breaker;
  afterEach(() => breaker.stop());
  function laneOf(size: number): { lane: PoolLane; permits: Permits } {
    const name = "test";
    const driver = new FakeDatabaseDriver();
    breaker = new Breaker({ pool: name, probe: () => new Promise(() => {}) });
    const permits = new Permits({ name, size, maxWaiting: 5, acquireTimeoutMs: 60_000 });
    const errors = new DatabaseErrors(name, driver);
    return {
      lane: new PoolLane({ name, driver, permits, breaker, meter: new Meter(name), errors }),
      permits,
    };
  }
  const opened = async (): Promise<void> => {
    breaker.trip(new Error("nobody answers"));
    await waitFor("the breaker to open", () => !breaker.closed);
  };

  it("lets in without a promise where there is room", async () => {
    const { lane, permits } = laneOf(1);
    assert.equal(lane.enter(undefined), undefined);
    const waiting = lane.enter(undefined);
    assert.ok(waiting instanceof Promise);
    lane.leave();
    await waiting;
    assert.equal(permits.busy, 1);
  });

  it("refuses at once while the server is down, with what it last said", async () => {
    const { lane } = laneOf(1);
    await opened();
    assert.throws(() => lane.enter(undefined), { code: "SLUICE_UNREACHABLE", message: /\(nobody answers\)/ });
  });

  it("refuses those who waited when the server went down meanwhile, and keeps no place for them", async () => {
    const { lane, permits } = laneOf(1);
    await lane.enter(undefined);
    const waiting = [lane.enter(undefined), lane.enter(undefined)];
    await opened();
    lane.leave();
    for (const each of waiting) {
      await each;
      assert.throws(() => lane.admitted(), { code: "SLUICE_UNREACHABLE" });
    }
    assert.equal(permits.busy, 0);
  });

  it("says that it is closed, even if the server is down as well", async () => {
    const { lane, permits } = laneOf(1);
    await opened();
    permits.close();
    await assert.rejects(async () => lane.enter(undefined), { code: "SLUICE_POOL_CLOSED" });
  });

  it("refuses who has given up before", () => {
    const { lane } = laneOf(1);
    assert.throws(() => lane.enter(AbortSignal.abort()), { code: "SLUICE_QUERY_CANCELLED" });
  });

  it("takes only what says so for a sign that the server is down", async () => {
    const { lane } = laneOf(1);
    const error = new Error("it failed");
    for (const kind of ["statement", "constraint", "lost", "cancelled", "credentials", undefined] as const)
      for (let time = 0; time < 5; time++) lane.failed(error, kind);
    lane.failed(error, "unreachable");
    lane.failed(error, "unreachable");
    lane.failed(error, "statement");
    lane.failed(error, "unreachable");
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(breaker.closed);
    lane.failed(error, "unreachable");
    lane.failed(error, "unreachable");
    await waitFor("the breaker to open", () => !breaker.closed);
  });
});
