import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as z from "zod";
import { checkOptions, givenOptions } from "../../../src/errors/check-options.ts";

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

describe("checkOptions", () => {
  const inner = z.strictObject({
    level: z.union([z.boolean(), z.strictObject({ deep: z.int() })], "must be a boolean or an object"),
    byName: z.record(z.string().regex(/^[a-z]+$/, "must be a word"), z.int()).optional(),
  });

  it("finds nothing wrong with what is right", () => {
    for (const level of [true, { deep: 1 }]) checkOptions(inner, { level, byName: { a: 1 } });
  });

  it("goes as deep as the mistake is, and says where all of it stands", () => {
    for (const [options, message] of [
      [{ level: "x" }, /option outer\.level: must be a boolean or an object/],
      [{ level: { deep: "x" } }, /option outer\.level\.deep: invalid input: expected number/],
      [{ level: { deep: 1, deeper: 1 } }, /option outer\.level\.deeper: there is no such option/],
      [{ level: true, byName: { "1": 1 } }, /option outer\.byName\.1: must be a word/],
    ] as const)
      assert.throws(() => checkOptions(inner, options, "outer"), { code: "SLUICE_INVALID_OPTION", message });
  });
});
