import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { givenOptions, invalidOption } from "../../errors/index.ts";
import type { WorkersOptions } from "./workers.ts";

const positive = z.int().positive();

const workersOptions = z.strictObject({
  name: z.string().min(1).optional(),
  size: positive.optional(),
  maxWaiting: z.int().nonnegative().optional(),
  acquireTimeoutMs: positive.optional(),
  runTimeoutMs: positive.nullable().optional(),
  startTimeoutMs: positive.optional(),
  idleTimeoutMs: positive.optional(),
  maxLifetimeMs: positive.optional(),
  maxHeapBytes: z
    .int()
    .min(8 * 1024 ** 2)
    .optional(),
  niceness: z.int().min(0).max(19).optional(),
  required: z.boolean().optional(),
});

/** All options of a pool of threads, filled and checked. */
export type ResolvedWorkersOptions = Required<Omit<WorkersOptions, "maxHeapBytes">> & {
  readonly maxHeapBytes: number | undefined;
};

const workersDefaults: Omit<ResolvedWorkersOptions, "size"> = Object.freeze({
  name: "workers",
  maxWaiting: 10_000,
  acquireTimeoutMs: 5_000,
  runTimeoutMs: 30_000,
  startTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  maxLifetimeMs: 1_800_000,
  maxHeapBytes: undefined,
  niceness: 10,
  required: true,
});

/** Fills the options with their defaults. @throws SLUICE_INVALID_OPTION */
export function resolveWorkersOptions(options: WorkersOptions): ResolvedWorkersOptions {
  const size = Math.max(availableParallelism() - 1, 1);
  return { ...workersDefaults, size, ...givenOptions(workersOptions, options) };
}

/**
 * The URL of a worker's file. Where TypeScript was compiled and the URL still ends in `.ts`, it is the `.js` beside it.
 *
 * @throws SLUICE_INVALID_OPTION for anything but a file
 */
export function resolveWorkerFile(file: URL | string): URL {
  const url = file instanceof URL ? file : URL.canParse(file) ? new URL(file) : undefined;
  if (url?.protocol !== "file:") {
    const problem = `it must be the URL of a file, such as new URL("./hash.ts", import.meta.url), not ${JSON.stringify(String(file))}`;
    throw invalidOption("file", problem);
  }
  return existsSync(url) ? url : (compiled(url) ?? url);
}

// The compiler rewrites imports, but no URLs.
function compiled(url: URL): URL | undefined {
  const match = /\.([mc]?)ts$/.exec(url.pathname);
  if (match === null) return undefined;
  const beside = new URL(url);
  beside.pathname = url.pathname.replace(/\.([mc]?)ts$/, ".$1js");
  return existsSync(fileURLToPath(beside)) ? beside : undefined;
}
