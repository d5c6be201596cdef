import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Every file under a folder, as paths that start with the folder, sorted; nothing if there is no such folder. */
export function listFiles(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).replaceAll("\\", "/"))
      .filter((path) => !path.includes("node_modules/"))
      .sort();
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}
