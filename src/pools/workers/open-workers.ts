import { PooledWorkers } from "./pooled-workers.ts";
import { resolveWorkerFile, resolveWorkersOptions } from "./resolve-workers-options.ts";
import type { AnyModule, Workers, WorkersOptions } from "./workers.ts";

/**
 * Makes a pool of threads for what would hold up the event loop. No thread is started before there is something to do.
 *
 * ```ts
 * const workers = openWorkers<typeof import("./hash.ts")>(new URL("./hash.ts", import.meta.url));
 * const hash = await workers.call.hash("a password");
 * ```
 *
 * @param file the URL of a module, whose exported functions can be called: `.js`, or `.ts` where this process can load that. Where the
 * `.ts` isn't there because it was compiled, the `.js` beside it is meant
 * @throws SLUICE_INVALID_OPTION
 */
export function openWorkers<Module = AnyModule>(
  file: URL | string,
  options: WorkersOptions = {},
): Workers<Module> {
  const workers = new PooledWorkers(resolveWorkerFile(file), resolveWorkersOptions(options));
  // What is in the module is known to the caller's compiler alone.
  return workers as unknown as Workers<Module>;
}
