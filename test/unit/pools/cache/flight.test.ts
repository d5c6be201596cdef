import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeValue } from "../../../../src/pools/cache/cache-value.ts";
import { Copies } from "../../../../src/pools/cache/entry.ts";
import { Flight } from "../../../../src/pools/cache/flight.ts";

const PATIENT = { timeoutMs: null, signal: undefined };
const copies = (): Copies => Copies.of(encodeValue([1], 100)) as Copies;

function setup(): { flight: Flight; askers: { count: number }; abandoned: Flight[] } {
  const askers = { count: 0 };
  const abandoned: Flight[] = [];
  return { flight: new Flight("key", askers, (flight) => abandoned.push(flight)), askers, abandoned };
}

describe("Flight", () => {
  it("gives a copy to all who wait, and to who comes after", async () => {
    const { flight, askers } = setup();
    const waiting = [flight.join(PATIENT), flight.join(PATIENT)];
    assert.equal(askers.count, 2);
    flight.give(copies());
    assert.equal(askers.count, 0);
    const all = [...(await Promise.all(waiting)), await flight.join(PATIENT)];
    for (const value of all) assert.deepEqual(value, [1]);
    assert.equal(new Set(all).size, 3);
    assert.ok("copies" in ((await flight.ended) ?? {}));
  });

  it("gives a failure to all who wait, and to who comes after", async () => {
    const { flight, askers } = setup();
    const failure = new Error("no");
    const waiting = flight.join(PATIENT);
    flight.fail(failure);
    await assert.rejects(waiting, failure);
    await assert.rejects(flight.join(PATIENT), failure);
    assert.equal(askers.count, 0);
    assert.deepEqual(await flight.ended, { error: failure });
  });

  it("is given up once the last one has left, not before", async () => {
    const { flight, askers, abandoned } = setup();
    const leave = [new AbortController(), new AbortController()];
    const waiting = leave.map(({ signal }) => flight.join({ timeoutMs: null, signal }));
    const left = Promise.allSettled(waiting);
    leave[0]?.abort();
    assert.equal(flight.signal.aborted, false);
    assert.equal(flight.mayKeep, true);
    leave[1]?.abort();
    await left;
    assert.equal(flight.signal.aborted, true);
    assert.equal(flight.mayKeep, false);
    assert.deepEqual(abandoned, [flight]);
    assert.equal(askers.count, 0);
    assert.equal(await flight.ended, undefined);
  });

  it("isn't given up if something has come of it", async () => {
    const { flight, abandoned } = setup();
    flight.give(copies());
    await flight.join({ timeoutMs: 1, signal: undefined });
    assert.deepEqual(abandoned, []);
    assert.equal(flight.signal.aborted, false);
  });

  it("may not be kept once it is overtaken", () => {
    const { flight } = setup();
    flight.overtake();
    assert.equal(flight.mayKeep, false);
    assert.equal(flight.signal.aborted, false);
  });

  it("can be cancelled", async () => {
    const { flight } = setup();
    const waiting = flight.join(PATIENT);
    const why = new Error("closed");
    flight.cancel(why);
    await assert.rejects(waiting, why);
    assert.equal(flight.signal.reason, why);
  });
});
