import { invalidOption } from "../../errors/index.ts";
import type { RunOptions } from "./workers.ts";

// What a timer takes.
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

// By hand: each call with options comes by.

/** Checks what a call says about itself. @throws SLUICE_INVALID_OPTION */
export function checkRunOptions(options: RunOptions): void {
  if (typeof options !== "object" || options === null)
    throw invalidOption("options", "they must be an object");
  const { signal, timeoutMs, transfer } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidOption("signal", "it must be an AbortSignal");
  if (transfer !== undefined && !Array.isArray(transfer))
    throw invalidOption("transfer", "it must be an array");
  if (timeoutMs === undefined || timeoutMs === null) return;
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS))
    throw invalidOption(
      "timeoutMs",
      `it must be a number of more than 0 and at most ${MAX_TIMEOUT_MS}, or null for never`,
    );
}
