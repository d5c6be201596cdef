import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { isAbortOf } from "../../../src/internal/is-abort-of.ts";

describe("isAbortOf", () => {
  const caught = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => assert.fail(),
      (error) => error,
    );

  it("knows what functions reject with that were given the signal", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const errors = [
      caught(delay(60_000, null, { signal })),
      caught(once(new EventEmitter(), "never", { signal })),
      caught(delay(60_000, null, { signal: AbortSignal.any([signal, new AbortController().signal]) })),
    ];
    controller.abort();
    for (const error of await Promise.all(errors)) assert.ok(isAbortOf(signal, error));
    assert.ok(isAbortOf(signal, signal.reason));
  });

  it("takes nothing else for it", async () => {
    const controller = new AbortController();
    assert.equal(isAbortOf(controller.signal, undefined), false);
    controller.abort();
    const other = await caught(delay(60_000, null, { signal: AbortSignal.abort() }));
    for (const error of [
      other,
      new Error("x"),
      new Error("x", { cause: new Error("y") }),
      undefined,
      "AbortError",
    ])
      assert.equal(isAbortOf(controller.signal, error), false);
  });
});
