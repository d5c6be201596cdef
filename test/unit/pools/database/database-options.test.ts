import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DatabaseOptions,
  databaseDefaults,
  resolveDatabaseOptions,
} from "../../../../src/pools/database/database-options.ts";

const fallback = { name: "scheme", maxConnections: 3 };

describe("resolveDatabaseOptions", () => {
  it("fills in what isn't given", () => {
    assert.deepEqual(resolveDatabaseOptions({}, fallback), { ...databaseDefaults, ...fallback });
    const given = { name: "mine", maxRows: 5, queryTimeoutMs: null, required: false };
    assert.deepEqual(resolveDatabaseOptions(given, fallback), { ...databaseDefaults, ...fallback, ...given });
  });

  it("takes undefined for not given", () => {
    const options = { maxRows: undefined } as unknown as DatabaseOptions;
    assert.equal(resolveDatabaseOptions(options, fallback).maxRows, databaseDefaults.maxRows);
  });

  it("has defaults that nobody changes", () => {
    assert.ok(Object.isFrozen(databaseDefaults));
  });

  for (const [option, value] of [
    ["maxConnections", 0],
    ["maxWaiting", -1],
    ["acquireTimeoutMs", 1.5],
    ["queryTimeoutMs", "1s"],
    ["maxRows", Number.POSITIVE_INFINITY],
    ["idleTimeoutMs", 2 ** 31],
    ["name", ""],
    ["required", "yes"],
    ["maxConnection", 5],
  ] as const) {
    it(`refuses ${option}: ${value}, by its name`, () => {
      assert.throws(() => resolveDatabaseOptions({ [option]: value } as DatabaseOptions, fallback), {
        code: "SLUICE_INVALID_OPTION",
        message: new RegExp(`the option ${option}: `),
      });
    });
  }
});
