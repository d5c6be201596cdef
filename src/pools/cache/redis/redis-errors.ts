import { SluiceError, type SluiceErrorCode } from "../../../errors/index.ts";
import { reasonOf } from "../../../internal/reason-of.ts";

const CREDENTIALS = /^(WRONGPASS|NOAUTH|NOPERM)\b|^ERR (AUTH|invalid password|DB index|invalid DB index)/i;
const UNAVAILABLE = /^(LOADING|MASTERDOWN|CLUSTERDOWN|BUSY)\b|max number of clients/;

/** What an error of the driver means. `phase` says whether a command may have been done. */
export interface RedisFailure {
  readonly error: unknown;
  readonly phase: "connecting" | "sent";
  /** Whether the server said so. */
  readonly isReply: boolean;
}

/** An error of the driver, as one of ours. */
export function redisError(name: string, failure: RedisFailure): SluiceError {
  const { error } = failure;
  if (error instanceof SluiceError) return error;
  return new SluiceError(codeOf(failure), { name, reason: reasonOf(error) }, { cause: error });
}

/** Whether a command failed since there is something else than text under its key, which a cache of ours doesn't put there. */
export function isWrongType(error: unknown): boolean {
  return (
    error instanceof SluiceError && error.cause instanceof Error && /^WRONGTYPE\b/.test(error.cause.message)
  );
}

function codeOf({ error, phase, isReply }: RedisFailure): SluiceErrorCode {
  const message = error instanceof Error ? error.message : "";
  if (isReply && CREDENTIALS.test(message)) return "SLUICE_CREDENTIALS_REFUSED";
  if (isReply && UNAVAILABLE.test(message)) return "SLUICE_UNREACHABLE";
  if (phase === "connecting") return "SLUICE_UNREACHABLE";
  return isReply ? "SLUICE_QUERY_FAILED" : "SLUICE_CONNECTION_LOST";
}
