import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { transportFromEnvironment } from "../../../src/transport/transport-choice.ts";

const before = process.env["SLUICE_TRANSPORT"];

function choose(value: string | undefined): void {
  if (value === undefined) delete process.env["SLUICE_TRANSPORT"];
  else process.env["SLUICE_TRANSPORT"] = value;
}

describe("transportFromEnvironment", () => {
  afterEach(() => choose(before));

  it("is what the variable says, if it says something", () => {
    for (const value of ["auto", "portable"] as const) {
      choose(value);
      assert.equal(transportFromEnvironment(), value);
    }
    for (const value of ["", undefined]) {
      choose(value);
      assert.equal(transportFromEnvironment(), undefined);
    }
  });

  it("refuses what there isn't", () => {
    choose("quick");
    assert.throws(transportFromEnvironment, {
      code: "SLUICE_INVALID_OPTION",
      message: /SLUICE_TRANSPORT.*"quick"/,
    });
  });
});
