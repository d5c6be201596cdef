import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCallOptions } from "../../../src/pools/check-call-options.ts";

describe("checkCallOptions", () => {
  it("takes what says how a call may be ended, or nothing", () => {
    for (const timeoutMs of [null, 0.5, 2 ** 31 - 1]) checkCallOptions({ timeoutMs });
    checkCallOptions({ signal: AbortSignal.abort() });
    checkCallOptions({});
  });

  it("names what is wrong", () => {
    for (const [options, message] of [
      [null, /option options: /],
      [5, /option options: /],
      [{ signal: {} }, /option signal: it must be an AbortSignal/],
      ...[0, -1, Number.NaN, 2 ** 31, "5"].map((timeoutMs) => [{ timeoutMs }, /option timeoutMs: /] as const),
    ] as const)
      assert.throws(() => checkCallOptions(options as object), { code: "SLUICE_INVALID_OPTION", message });
  });
});
