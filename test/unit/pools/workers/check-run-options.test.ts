import assert from "node:assert/strict";
import { it } from "node:test";
import { checkRunOptions } from "../../../../src/pools/workers/check-run-options.ts";
import type { RunOptions } from "../../../../src/pools/workers/workers.ts";

it("what a call says about itself is checked", () => {
  const { signal } = new AbortController();
  for (const right of [
    {},
    { signal, timeoutMs: 1, transfer: [] },
    { timeoutMs: null },
    { timeoutMs: undefined },
  ])
    checkRunOptions(right as RunOptions);
  const wrong = {
    options: [null, 5, "fast"],
    signal: [{ signal: null }, { signal: {} }],
    timeoutMs: [Number.NaN, 0, -1, "5", Number.POSITIVE_INFINITY, 2 ** 31].map((timeoutMs) => ({
      timeoutMs,
    })),
    transfer: [{ transfer: null }, { transfer: 5 }, { transfer: new ArrayBuffer(1) }],
  };
  for (const [option, all] of Object.entries(wrong)) {
    for (const options of all)
      assert.throws(() => checkRunOptions(options as RunOptions), {
        code: "SLUICE_INVALID_OPTION",
        message: new RegExp(`option ${option}`),
      });
  }
});
