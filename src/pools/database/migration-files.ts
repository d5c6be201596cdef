import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../errors/index.ts";
import { reasonOf } from "../../internal/reason-of.ts";

/** A numbered file of SQL. */
export interface MigrationFile {
  /** The file's name, `001-users.sql`. */
  readonly name: string;
  /** What it begins with. */
  readonly number: number;
  readonly sql: string;
  /** SHA-256 of the text, in hexadecimal, whatever ends its lines. */
  readonly checksum: string;
}

const NAME = /^(\d+)[-_].*\.sql$/;

/**
 * Reads a folder's migrations, by their numbers.
 *
 * @throws SLUICE_MIGRATION_INVALID
 */
export async function readMigrations(folder: string | URL): Promise<MigrationFile[]> {
  const path = folder instanceof URL || folder.startsWith("file:") ? fileURLToPath(folder) : folder;
  let files: MigrationFile[];
  try {
    const names = (await readdir(path)).filter((name) => name.endsWith(".sql"));
    files = await Promise.all(names.map((name) => readMigration(path, name)));
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw invalidMigrations(path, reasonOf(error), error);
  }
  files.sort((one, other) => one.number - other.number);
  for (const [index, file] of files.entries()) {
    const next = files[index + 1];
    if (next?.number === file.number)
      throw invalidMigrations(path, `${file.name} and ${next.name} have the same number`);
  }
  return files;
}

/** What is wrong with a folder of migrations. */
export function invalidMigrations(folder: string | URL, problem: string, cause?: unknown): SluiceError {
  return new SluiceError("SLUICE_MIGRATION_INVALID", { folder: String(folder), problem }, { cause });
}

async function readMigration(folder: string, name: string): Promise<MigrationFile> {
  const number = NAME.exec(name)?.[1];
  if (number === undefined)
    throw invalidMigrations(folder, `${name} is to begin with a number and a dash, as 001-users.sql does`);
  const sql = (await readFile(join(folder, name), "utf8")).replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  return { name, number: Number(number), sql, checksum: createHash("sha256").update(sql).digest("hex") };
}
