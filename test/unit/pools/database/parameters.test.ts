import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { checkedParameters } from "../../../../src/pools/database/parameters.ts";

describe("checkedParameters", () => {
  it("takes what every database has as it is, in an array of its own", () => {
    const given = [
      null,
      true,
      1.5,
      -1,
      2n ** 62n,
      "text",
      new Date(0),
      new Uint8Array([1]),
      Buffer.from("x"),
    ];
    const checked = checkedParameters(given);
    assert.deepEqual(checked, given);
    assert.notEqual(checked, given);
    given[0] = "changed later";
    assert.equal(checked[0], null);
  });

  it("writes arrays and plain objects as JSON, of another realm too", () => {
    const empty: unknown = Object.assign(Object.create(null), { bare: 1 });
    const foreign: unknown = runInNewContext("({ foreign: [1] })");
    assert.deepEqual(checkedParameters([[1, "two"], { a: { b: null } }, [], {}, empty, foreign]), [
      '[1,"two"]',
      '{"a":{"b":null}}',
      "[]",
      "{}",
      '{"bare":1}',
      '{"foreign":[1]}',
    ]);
  });

  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  class Point {}
  for (const [value, actual] of [
    [undefined, "undefined"],
    [Symbol("s"), "a symbol"],
    [() => 1, "a function"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [new Date(Number.NaN), "an invalid Date"],
    [new Map(), "an instance of Map"],
    [new Point(), "an instance of Point"],
    [new Float64Array(1), "an instance of Float64Array"],
    [new ArrayBuffer(1), "an instance of ArrayBuffer"],
    [Promise.resolve(), "an instance of Promise"],
    [cycle, "not to be written as JSON"],
    [{ big: 1n }, "not to be written as JSON"],
    [{ toJSON: () => undefined }, "not to be written as JSON"],
  ] as const) {
    it(`refuses ${actual}, and says where it stands`, () => {
      assert.throws(
        () => checkedParameters(["fine", value]),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "SLUICE_INVALID_PARAMETER");
          assert.ok(error.message.includes(`parameter 2 is ${actual}`), error.message);
          return true;
        },
      );
    });
  }

  it("refuses what isn't an array", () => {
    for (const given of ["text", { name: 1 }, 5, null])
      assert.throws(() => checkedParameters(given as unknown as unknown[]), {
        code: "SLUICE_INVALID_PARAMETER",
      });
  });
});
