import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as z from "zod";
import { givenOptions } from "../../../src/errors/check-options.ts";

const schema = z.strictObject({ size: z.int().positive().optional(), name: z.string().optional() });

describe("givenOptions", () => {
  it("is what was given, without what was given as undefined", () => {
    assert.deepEqual(givenOptions(schema, { size: 3, name: undefined }), { size: 3 });
    assert.deepEqual(givenOptions(schema, {}), {});
  });

  it("says which option is wrong, and what it is", () => {
    for (const [options, message] of [
      [{ size: 0 }, /^Correct the option size: too small/],
      [{ sise: 3 }, /^Correct the option sise: there is no such option/],
      [null, /^Correct the option options: invalid input/],
    ] as const)
      assert.throws(() => givenOptions(schema, options as object), {
        code: "SLUICE_INVALID_OPTION",
        message,
      });
  });
});
