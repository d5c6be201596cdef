import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { encodeValue } from "../../../../src/pools/cache/cache-value.ts";
import { Copies } from "../../../../src/pools/cache/entry.ts";
import { cancelled, Waiter } from "../../../../src/pools/cache/waiter.ts";
import { waitFor } from "../../../support/wait-for.ts";

const copies = (): Copies => Copies.of(encodeValue("value", 100)) as Copies;
const never = (): void => assert.fail("he didn't leave");

describe("Waiter", () => {
  it("is given a copy, and listens no more", async () => {
    const { signal } = new AbortController();
    const waiter = new Waiter("key", { timeoutMs: 60_000, signal }, never);
    assert.equal(getEventListeners(signal, "abort").length, 1);
    waiter.give(copies());
    assert.equal(await waiter.promise, "value");
    assert.equal(getEventListeners(signal, "abort").length, 0);
    assert.equal(waiter.wheelNext, null);
  });

  it("is given a failure", async () => {
    const waiter = new Waiter("key", { timeoutMs: null, signal: undefined }, never);
    const failure = new Error("no");
    waiter.fail(failure);
    await assert.rejects(waiter.promise, failure);
  });

  it("leaves when his time is over", async () => {
    const left: Waiter[] = [];
    const waiter = new Waiter("key", { timeoutMs: 1, signal: undefined }, (one) => left.push(one));
    const late = assert.rejects(waiter.promise, { code: "SLUICE_LOAD_TIMEOUT", message: /key.*within 1 ms/ });
    await waitFor("him to leave", () => left.length === 1);
    await late;
    assert.deepEqual(left, [waiter]);
  });

  it("leaves when his signal is aborted", async () => {
    const leave = new AbortController();
    const left: Waiter[] = [];
    const waiter = new Waiter("key", { timeoutMs: 60_000, signal: leave.signal }, (one) => left.push(one));
    leave.abort("why");
    await assert.rejects(waiter.promise, { code: "SLUICE_LOAD_CANCELLED", cause: "why" });
    assert.deepEqual(left, [waiter]);
    assert.equal(waiter.wheelNext, null);
  });
});

describe("cancelled", () => {
  it("says which key, and why", () => {
    const error = cancelled("key", AbortSignal.abort("why"));
    assert.equal(error.code, "SLUICE_LOAD_CANCELLED");
    assert.match(error.message, /key/);
    assert.equal(error.cause, "why");
  });
});
