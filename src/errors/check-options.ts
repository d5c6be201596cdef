import type { core, ZodType } from "zod";
import { invalidOption } from "./invalid-option.ts";

/**
 * Checks options, and names the first that is wrong.
 *
 * @param at Where they stand among others, such as `limits`. @default at the top
 * @throws SLUICE_INVALID_OPTION
 */
export function checkOptions(schema: ZodType, options: unknown, at = ""): void {
  const result = schema.safeParse(options);
  if (result.success) return;
  const { path, problem } = describe(result.error.issues[0] as core.$ZodIssue);
  const option = [at, ...path.map(String)].filter((part) => part !== "").join(".");
  throw invalidOption(option === "" ? "options" : option, problem);
}

/** What was given of some options: what is given as undefined isn't, and must not stand in for a default. @throws SLUICE_INVALID_OPTION */
export function givenOptions<Options extends object>(schema: ZodType, options: Options): Partial<Options> {
  checkOptions(schema, options);
  return definedOptions(options);
}

/** Options without those that are undefined. */
export function definedOptions<Options extends object>(options: Options | undefined): Partial<Options> {
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Options>;
}

interface Finding {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
}

function describe(issue: core.$ZodIssue): Finding {
  const { path } = issue;
  switch (issue.code) {
    case "unrecognized_keys":
      return { path: [...path, issue.keys.join(", ")], problem: "there is no such option" };
    case "invalid_key":
      // What is wrong with a key of a record is said one level down.
      return { path, problem: issue.issues[0]?.message ?? "is invalid" };
    case "invalid_union": {
      // Of several forms that a value may have, it has the one whose inside was looked at.
      const inner = issue.errors
        .flat()
        .find((found) => found.path.length > 0 || found.code === "unrecognized_keys");
      if (inner === undefined) break;
      const { path: rest, problem } = describe(inner);
      return { path: [...path, ...rest], problem };
    }
  }
  return { path, problem: issue.message.charAt(0).toLowerCase() + issue.message.slice(1) };
}
