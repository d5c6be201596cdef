import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { Permits, type PermitsOptions } from "../../../src/pools/permits.ts";
import { inTime } from "../../support/wait-for.ts";

function permitsWith(options: Partial<PermitsOptions> = {}): Permits {
  return new Permits({ name: "test", size: 1, maxWaiting: 2, acquireTimeoutMs: 60_000, ...options });
}

describe("Permits", () => {
  it("lets in as many as fit, at once", () => {
    const permits = permitsWith({ size: 2 });
    assert.ok(permits.tryAcquire());
    assert.ok(permits.tryAcquire());
    assert.equal(permits.tryAcquire(), false);
    assert.equal(permits.busy, 2);
    permits.release();
    assert.ok(permits.tryAcquire());
  });

  it("lets those who wait in by their order, and nobody before them", async () => {
    const permits = permitsWith();
    await permits.acquire();
    const order: string[] = [];
    const first = permits.acquire().then(() => order.push("first"));
    const second = permits.acquire().then(() => order.push("second"));
    assert.equal(permits.waiting, 2);
    permits.release();
    assert.equal(permits.tryAcquire(), false, "the place is the first one's");
    await first;
    permits.release();
    await second;
    assert.deepEqual(order, ["first", "second"]);
    assert.equal(permits.busy, 1);
  });

  it("refuses one more than may wait at once", async () => {
    const refused: string[] = [];
    const permits = permitsWith({ onRefused: (code) => refused.push(code) });
    await permits.acquire();
    void permits.acquire();
    void permits.acquire();
    await assert.rejects(permits.acquire(), { code: "SLUICE_POOL_FULL", message: /maxWaiting of test: 2 / });
    assert.deepEqual(refused, ["SLUICE_POOL_FULL"]);
    assert.equal(permits.waiting, 2);
  });

  it("refuses who has waited for too long, and gives the place to others", async () => {
    const permits = permitsWith({ acquireTimeoutMs: 10 });
    await permits.acquire();
    await assert.rejects(inTime("the refusal", permits.acquire()), { code: "SLUICE_POOL_TIMEOUT" });
    assert.equal(permits.waiting, 0);
    permits.release();
    assert.equal(permits.busy, 0);
  });

  it("lets go of who gives up, wherever in the queue, and of the signal", async () => {
    const permits = permitsWith({ maxWaiting: 10 });
    await permits.acquire();
    const giving = new AbortController();
    const first = permits.acquire();
    const middle = permits.acquire(giving.signal);
    const last = permits.acquire();
    giving.abort(new Error("gone"));
    await assert.rejects(middle, { code: "SLUICE_QUERY_CANCELLED", cause: giving.signal.reason });
    assert.equal(permits.waiting, 2);
    permits.release();
    await first;
    permits.release();
    await last;
    assert.equal(getEventListeners(giving.signal, "abort").length, 0);
  });

  it("takes its listener off the signal of who is let in", async () => {
    const permits = permitsWith();
    await permits.acquire();
    const { signal } = new AbortController();
    const waiting = permits.acquire(signal);
    assert.equal(getEventListeners(signal, "abort").length, 1);
    permits.release();
    await waiting;
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("refuses who comes with an aborted signal", async () => {
    await assert.rejects(permitsWith().acquire(AbortSignal.abort()), { code: "SLUICE_QUERY_CANCELLED" });
  });

  it("refuses everyone once it is closed, those who wait too", async () => {
    const permits = permitsWith();
    await permits.acquire();
    const waiting = permits.acquire();
    permits.close();
    await assert.rejects(waiting, { code: "SLUICE_POOL_CLOSED" });
    await assert.rejects(permits.acquire(), { code: "SLUICE_POOL_CLOSED" });
    assert.equal(permits.tryAcquire(), false);
  });

  it("tells when nobody is in any more", async () => {
    const permits = permitsWith({ size: 2 });
    await permits.drained();
    await permits.acquire();
    await permits.acquire();
    let drained = false;
    const done = permits.drained().then(() => {
      drained = true;
    });
    permits.release();
    await Promise.resolve();
    assert.equal(drained, false);
    permits.release();
    await done;
  });
});
