import assert from "node:assert/strict";
import { it } from "node:test";
import { copied, isNotSendable } from "../../../../src/pools/workers/sendable.ts";

it("what structuredClone takes can be sent", () => {
  for (const value of [
    undefined,
    null,
    1,
    1n,
    "text",
    true,
    { a: [1] },
    new Map(),
    new Date(0),
    new Uint8Array(1),
  ])
    assert.deepEqual(copied(value), { value });
  for (const value of [() => 1, Symbol("x"), { inner: () => 1 }, new WeakMap(), Promise.resolve()])
    assert.equal(copied(value), undefined);
});

it("the error that says so is told from others", () => {
  assert.throws(
    () => structuredClone(() => 1),
    (error: unknown) => isNotSendable(error),
  );
  for (const other of [new Error("DataCloneError"), new TypeError("x"), undefined, "DataCloneError"])
    assert.equal(isNotSendable(other), false);
});
