import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkLimits } from "../../../../src/pools/database/parameter-limits.ts";

const inYear = (year: number): Date => {
  const date = new Date(0);
  date.setUTCFullYear(year);
  return date;
};
const UNSENDABLE = [2n ** 64n, -(2n ** 63n) - 1n, inYear(99), inYear(-1), inYear(10_000)];

describe("checkLimits", () => {
  it("refuses what MySQL has no way to be sent, and says which it is", () => {
    for (const value of UNSENDABLE)
      assert.throws(() => checkLimits([1, value], "mysql"), {
        code: "SLUICE_INVALID_PARAMETER",
        message: /parameter 2 is a (bigint|Date)/,
      });
  });

  it("takes what it has", () => {
    checkLimits([2n ** 64n - 1n, -(2n ** 63n), inYear(100), inYear(9_999), null, "x", 1e300], "mysql");
  });

  it("leaves to others what they say by themselves", () => {
    checkLimits(UNSENDABLE, "postgres");
    checkLimits(UNSENDABLE, "sqlite");
  });
});
