import { SluiceError } from "./sluice-error.ts";

/** SLUICE_INVALID_OPTION, with what is wrong in the end of a sentence. */
export function invalidOption(option: string, problem: string, cause?: unknown): SluiceError {
  const options = cause === undefined ? {} : { cause };
  return new SluiceError("SLUICE_INVALID_OPTION", { option, problem }, options);
}
