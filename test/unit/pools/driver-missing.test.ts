import assert from "node:assert/strict";
import { it } from "node:test";
import { driverMissing } from "../../../src/pools/driver-missing.ts";

it("says what to install, and why the driver could not be loaded", () => {
  const cause = new Error("Cannot find package 'pg'.");
  const error = driverMissing("postgres:", "pg pg-cursor", cause);
  assert.equal(error.code, "SLUICE_DRIVER_MISSING");
  assert.equal(error.cause, cause);
  assert.match(error.message, /`npm install pg pg-cursor`.*\(Cannot find package 'pg'\)\.$/);
});
