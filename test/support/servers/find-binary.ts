import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

// Where Debian puts servers, which isn't on everybody's PATH.
const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];
const POSTGRES_VERSIONS = "/usr/lib/postgresql";

/** The path of a program, undefined if it isn't installed. */
function findBinary(name: string): string | undefined {
  const onPath = (process.env["PATH"] ?? "").split(":").filter((folder) => folder !== "");
  for (const folder of [...onPath, ...FOLDERS, ...postgresFolders()]) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  return undefined;
}

/**
 * Why tests with a server are left out; false if they aren't. Where CI is set they never are, so that they can't be forgotten.
 *
 * @param server what it is called
 * @param binaries the programs that have to be there
 * @param debianPackage what brings them
 */
export function skipWithout(
  server: string,
  binaries: readonly string[],
  debianPackage: string,
): string | false {
  const missing = binaries.filter((name) => findBinary(name) === undefined);
  if (missing.length === 0 || process.env["CI"]) return false;
  return `${server} is not installed: ${missing.join(", ")} of Debian's ${debianPackage}`;
}

/** The path of a program that has to be there. */
export function requireBinary(name: string): string {
  const path = findBinary(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

function postgresFolders(): string[] {
  if (!existsSync(POSTGRES_VERSIONS)) return [];
  const versions = readdirSync(POSTGRES_VERSIONS).sort((one, other) => Number(other) - Number(one));
  return versions.map((version) => join(POSTGRES_VERSIONS, version, "bin"));
}
