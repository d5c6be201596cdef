import { SluiceError } from "../../errors/index.ts";

/** The longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

// Half of a pair of surrogates: UTF-8 can't carry it, and two such keys would be one in Redis.
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Sees that something is a key.
 *
 * @throws SLUICE_INVALID_KEY
 */
export function checkKey(key: unknown): asserts key is string {
  const problem = problemOf(key);
  if (problem !== undefined) throw invalid(problem);
}

/** {@link checkKey} for several; the keys themselves are returned, in an array of their own. */
export function checkKeys(keys: unknown): string[] {
  // A string would be taken for many short ones.
  if (!Array.isArray(keys)) throw invalid("something else than an array of them");
  return Array.from(keys, (key: unknown) => {
    checkKey(key);
    return key;
  });
}

function problemOf(key: unknown): string | undefined {
  if (typeof key !== "string") return key === null ? "null" : `a value of type ${typeof key}`;
  if (key === "") return "an empty string";
  // A UTF-16 unit takes three bytes at the most.
  if (key.length * 3 > MAX_KEY_BYTES) {
    const bytes = key.length > MAX_KEY_BYTES ? key.length : Buffer.byteLength(key);
    if (bytes > MAX_KEY_BYTES) return `one of ${bytes} bytes or more`;
  }
  return LONE_SURROGATE.test(key) ? "a string that is not well-formed" : undefined;
}

function invalid(actual: string): SluiceError {
  return new SluiceError("SLUICE_INVALID_KEY", { maxBytes: MAX_KEY_BYTES, actual });
}
