import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { resolveDrainMs } from "../../../src/pools/resource.ts";

describe("resolveDrainMs", () => {
  it("takes any time, for ever and none at all among them", () => {
    for (const drainMs of [0, 0.5, 60_000, Number.POSITIVE_INFINITY])
      assert.equal(resolveDrainMs({ drainMs }), drainMs);
  });

  it("is as its documentation says where nothing is given", () => {
    const source = readFileSync(new URL("../../../src/pools/resource.ts", import.meta.url), "utf8");
    const [, documented = ""] = /@default ([\d_]+) \*\/\s+readonly drainMs/.exec(source) ?? [];
    for (const options of [{}, { drainMs: undefined }])
      assert.equal(resolveDrainMs(options as object), Number(documented.replaceAll("_", "")));
  });

  it("names what is wrong", () => {
    for (const [options, message] of [
      ...[Number.NaN, -1, "5", null, 5n].map((drainMs) => [{ drainMs }, /option drainMs: must be/] as const),
      [{ drainMS: 5 }, /option drainMS: there is no such option/],
      [5, /option options: must be an object/],
      [null, /option options: must be an object/],
    ] as const)
      assert.throws(() => resolveDrainMs(options as object), { code: "SLUICE_INVALID_OPTION", message });
  });
});
