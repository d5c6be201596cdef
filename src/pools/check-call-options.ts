import { invalidOption } from "../errors/index.ts";
import { MAX_TIMER_MS } from "../internal/within.ts";

/** What a call to any pool may say about itself. */
interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number | null;
}

/** Checks how a call may be ended. By hand: each call comes by, and a schema costs more than some calls. @throws SLUICE_INVALID_OPTION */
export function checkCallOptions(options: CallOptions): void {
  if (typeof options !== "object" || options === null)
    throw invalidOption("options", "they must be an object");
  const { signal, timeoutMs } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidOption("signal", "it must be an AbortSignal");
  if (timeoutMs === undefined || timeoutMs === null) return;
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0 && timeoutMs <= MAX_TIMER_MS))
    throw invalidOption(
      "timeoutMs",
      `it must be a number of more than 0 and at most ${MAX_TIMER_MS}, or null for never`,
    );
}
