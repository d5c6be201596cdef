import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder of this harness. */
export const benchFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** The root of the repository. */
export const rootFolder = dirname(benchFolder);

/** The servers. @param {string} file */
export const serverFile = (file) => join(benchFolder, "servers", file);

/** The command line of Sluice, built: it is the load generator. */
export const commandLine = join(rootFolder, "dist", "cli", "main.js");

/** Sluice itself, built. */
export const builtPackage = pathToFileURL(join(rootFolder, "dist", "index.js")).href;
