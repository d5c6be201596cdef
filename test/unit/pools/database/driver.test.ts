import assert from "node:assert/strict";
import { it } from "node:test";
import { TooManyRows } from "../../../../src/pools/database/driver.ts";

it("TooManyRows is an error of its own", () => {
  assert.ok(new TooManyRows("more than 5") instanceof Error);
  assert.equal(new TooManyRows("more than 5").message, "more than 5");
});
