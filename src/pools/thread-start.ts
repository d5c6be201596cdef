import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The program of a thread that lies beside a module: it ends as that does, for the compiler rewrites imports, but no URLs.
 *
 * @param name without its ending
 * @param moduleUrl the module's `import.meta.url`
 */
export function besideAs(name: string, moduleUrl: string): URL {
  return new URL(`${name}${extname(moduleUrl)}`, moduleUrl);
}

/** Flags of Node's that say how modules are loaded, with a value each; most others Node refuses for a thread. */
const LOADING = new Set(["--import", "--require", "-r", "--conditions", "-C"]);

/**
 * The arguments with which Node starts threads, so that they can load what this process can, TypeScript among it.
 *
 * @param execArgv the arguments of Node itself in this process. @default process.execArgv
 * @param nodeVersion @default process.versions.node
 * @returns undefined for those of this process, as they are
 */
export function threadArguments(
  execArgv: readonly string[] = process.execArgv,
  nodeVersion: string = process.versions.node,
): string[] | undefined {
  const loading = [...loadingArguments(execArgv)];
  const registering = Number.parseInt(nodeVersion, 10) >= 22 ? [] : registerTsx(loading);
  // It is meant for `node -e`, and a thread that inherits it doesn't start.
  const hasInputType = execArgv.some((argument) => argument.startsWith("--input-type"));
  return registering.length > 0 || hasInputType ? [...loading.flat(), ...registering] : undefined;
}

// Since Node 22 what tsx has registered holds for threads. Before, it serves the main thread only.
function registerTsx(loading: readonly (readonly [string, string])[]): string[] {
  const loader = loading.find(([, value]) => /(^|[\\/])tsx([\\/]dist[\\/]loader\.mjs)?$/.test(value))?.[1];
  const api = loader === undefined ? undefined : tsxApi(loader);
  if (api === undefined) return [];
  const program = `import{register}from${JSON.stringify(api)};register()`;
  return ["--import", `data:text/javascript,${encodeURIComponent(program)}`];
}

function* loadingArguments(execArgv: readonly string[]): Generator<[flag: string, value: string]> {
  for (const [index, argument] of execArgv.entries()) {
    const [flag = "", ...rest] = argument.split("=");
    if (!LOADING.has(flag)) continue;
    const value = rest.length > 0 ? rest.join("=") : execArgv[index + 1];
    if (value !== undefined) yield [flag, value];
  }
}

function tsxApi(loader: string): string | undefined {
  if (loader.startsWith("file:")) return new URL("./esm/api/index.mjs", loader).href;
  try {
    // As Node itself does it, from the working directory.
    const require = createRequire(join(process.cwd(), "_"));
    return pathToFileURL(require.resolve("tsx/esm/api").replace(/\.cjs$/, ".mjs")).href;
  } catch {
    return undefined;
  }
}
