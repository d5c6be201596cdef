import type { ZodType } from "zod";
import { SluiceError } from "../errors/index.ts";

/** What was given of some options: what is given as undefined isn't, and must not stand in for a default. @throws SLUICE_INVALID_OPTION for the first that is wrong */
export function givenOptions<Options extends object>(schema: ZodType, options: Options): Partial<Options> {
  const result = schema.safeParse(options);
  if (!result.success) {
    const issue = result.error.issues[0];
    const option = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : issue?.path.join(".");
    const problem = issue?.message ?? "is invalid";
    throw new SluiceError("SLUICE_INVALID_OPTION", {
      option: option || "options",
      problem: problem.charAt(0).toLowerCase() + problem.slice(1),
    });
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Options>;
}
