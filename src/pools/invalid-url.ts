import { SluiceError } from "../errors/index.ts";

/** SLUICE_INVALID_URL, for the URL of a server or a file; it doesn't show a password. */
export function invalidUrl(url: URL | string, problem: string, cause?: unknown): SluiceError {
  const options = cause === undefined ? {} : { cause };
  return new SluiceError("SLUICE_INVALID_URL", { url: withoutSecrets(String(url)), problem }, options);
}

// Whatever may be a password goes: all between the scheme and the last @, since a / or a # in it may not be encoded, and all parameters.
function withoutSecrets(text: string): string {
  return text.replace(/:(\/\/)?.*@/s, ":$1***@").replace(/\?.*/s, "?***");
}
