import { invalidOption } from "./invalid-option.ts";

/** What is needed of a schema of zod's, which this room doesn't know. */
interface Schema {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** Of `invalid_key`. */
  readonly issues?: readonly Issue[];
  /** Of `invalid_union`: what is wrong with each of the forms. */
  readonly errors?: readonly (readonly Issue[])[];
}

/**
 * Checks options, and names the first that is wrong.
 *
 * @param at Where they stand among others, such as `limits`. @default at the top
 * @throws SLUICE_INVALID_OPTION
 */
export function checkOptions(schema: Schema, options: unknown, at = ""): void {
  const result = schema.safeParse(options);
  if (result.success) return;
  const { path, problem } = describe(result.error.issues[0] as Issue);
  const option = [at, ...path.map(String)].filter((part) => part !== "").join(".");
  throw invalidOption(option === "" ? "options" : option, problem);
}

/** What was given of some options: what is given as undefined isn't, and must not stand in for a default. @throws SLUICE_INVALID_OPTION */
export function givenOptions<Options extends object>(schema: Schema, options: Options): Partial<Options> {
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

function describe({ code, path, message, keys = [], issues = [], errors = [] }: Issue): Finding {
  switch (code) {
    case "unrecognized_keys":
      return { path: [...path, keys.join(", ")], problem: "there is no such option" };
    case "invalid_key":
      // What is wrong with a key of a record is said one level down.
      return { path, problem: issues[0]?.message ?? message };
    case "invalid_union": {
      // Of several forms that a value may have, it has the one whose inside was looked at.
      const inner = errors
        .flat()
        .find((found) => found.path.length > 0 || found.code === "unrecognized_keys");
      if (inner === undefined) break;
      const { path: rest, problem } = describe(inner);
      return { path: [...path, ...rest], problem };
    }
  }
  return { path, problem: message.charAt(0).toLowerCase() + message.slice(1) };
}
