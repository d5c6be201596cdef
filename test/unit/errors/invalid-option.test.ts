import assert from "node:assert/strict";
import { test } from "node:test";
import { invalidOption } from "../../../src/errors/invalid-option.ts";

test("it names the option and the problem, and keeps the cause", () => {
  const cause = new Error("why");
  const error = invalidOption("rate", "it is too high", cause);
  assert.equal(error.code, "SLUICE_INVALID_OPTION");
  assert.equal(error.message, "Correct the option rate: it is too high.");
  assert.equal(error.cause, cause);
  assert.ok(!("cause" in invalidOption("rate", "it is too high")));
});
