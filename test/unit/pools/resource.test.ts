import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { DRAIN_MS } from "../../../src/pools/resource.ts";

it("drains for as long as its documentation says", () => {
  const source = readFileSync(new URL("../../../src/pools/resource.ts", import.meta.url), "utf8");
  const [, documented = ""] = /@default ([\d_]+) \*\/\s+readonly drainMs/.exec(source) ?? [];
  assert.equal(Number(documented.replaceAll("_", "")), DRAIN_MS);
});
