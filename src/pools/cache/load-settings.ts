import { invalidOption } from "../../errors/index.ts";
import type { LoadOptions, SetOptions } from "./cache.ts";
import { MAX_DURATION_MS, type ResolvedCacheOptions } from "./cache-options.ts";
import type { Encoded } from "./cache-value.ts";
import type { Entry } from "./entry.ts";

const DEFAULT_JITTER = 0.1;
const NEGATIVE_SHARE = 0.1;

/** {@link LoadOptions}, filled and checked. */
export interface LoadSettings {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly negativeTtlMs: number;
  readonly jitter: number;
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal | undefined;
}

/** Fills and checks what `getOrLoad` is given. @throws SLUICE_INVALID_OPTION */
export function resolveLoadOptions(options: LoadOptions, defaults: ResolvedCacheOptions): LoadSettings {
  checkObject(options);
  const ttlMs = resolveTtl(options, defaults);
  const { staleMs = 0, negativeTtlMs = ttlMs * NEGATIVE_SHARE, jitter = DEFAULT_JITTER, signal } = options;
  const timeoutMs = options.timeoutMs === undefined ? defaults.loadTimeoutMs : options.timeoutMs;
  checkNumber("staleMs", staleMs, MAX_DURATION_MS);
  checkNumber("negativeTtlMs", negativeTtlMs, MAX_DURATION_MS);
  checkNumber("jitter", jitter, 1);
  if (timeoutMs !== null) checkPositive("timeoutMs", timeoutMs);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalidOption("signal", "it must be an AbortSignal");
  return { ttlMs, staleMs, negativeTtlMs, jitter, timeoutMs, signal };
}

/** For how long a value is kept, in milliseconds. @throws SLUICE_INVALID_OPTION */
export function resolveTtl(options: SetOptions, defaults: ResolvedCacheOptions): number {
  checkObject(options);
  const { ttlMs = defaults.ttlMs } = options;
  checkPositive("ttlMs", ttlMs);
  return ttlMs;
}

/** What is kept of a value that was loaded; undefined if it isn't to be kept. */
export function loadedEntry(value: Encoded, settings: LoadSettings, now: number): Entry | undefined {
  const isThere = value.kind !== "nothing" && !(value.kind === "json" && value.payload === "null");
  const ttlMs = isThere ? settings.ttlMs : settings.negativeTtlMs;
  if (ttlMs === 0) return undefined;
  const softAt = now + Math.max(1, ttlMs * (1 - settings.jitter * Math.random()));
  // What isn't there may have come to be: it is never given for longer than was asked for.
  return { value, softAt, hardAt: softAt + (isThere ? settings.staleMs : 0) };
}

function checkObject(options: unknown): void {
  if (typeof options !== "object" || options === null)
    throw invalidOption("options", "they must be an object");
}

function checkPositive(option: string, value: number): void {
  checkNumber(option, value, MAX_DURATION_MS);
  if (value === 0) throw invalidOption(option, "it must be more than 0");
}

function checkNumber(option: string, value: number, max: number): void {
  if (typeof value !== "number" || !(value >= 0 && value <= max))
    throw invalidOption(option, `it must be a number from 0 to ${max}`);
}
