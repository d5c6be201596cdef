import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Deferred } from "../../../src/internal/deferred.ts";

describe("Deferred", () => {
  it("resolves its promise from outside, once", async () => {
    const deferred = new Deferred<string>();
    deferred.resolve("first");
    deferred.resolve("second");
    assert.equal(await deferred.promise, "first");
  });

  it("is pending until then", async () => {
    const deferred = new Deferred();
    const first = await Promise.race([deferred.promise.then(() => "deferred"), Promise.resolve("other")]);
    assert.equal(first, "other");
    deferred.resolve();
    assert.equal(await deferred.promise, undefined);
  });
});
