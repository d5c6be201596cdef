import { invalidOption } from "../../errors/index.ts";
import { checkCallOptions } from "../check-call-options.ts";
import type { RunOptions } from "./workers.ts";

/** Checks what a call says about itself. @throws SLUICE_INVALID_OPTION */
export function checkRunOptions(options: RunOptions): void {
  checkCallOptions(options);
  if (options.transfer !== undefined && !Array.isArray(options.transfer))
    throw invalidOption("transfer", "it must be an array");
}
