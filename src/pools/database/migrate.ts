import { SluiceError } from "../../errors/index.ts";
import { reasonOf } from "../../internal/reason-of.ts";
import type { Dialect } from "./database.ts";
import type { DatabaseErrors } from "./database-errors.ts";
import type { DatabaseDriver, ScriptRunner, Statement } from "./driver.ts";
import { invalidMigrations, type MigrationFile, readMigrations } from "./migration-files.ts";

const LOCK = "sluice_migrations";
const TABLE = `CREATE TABLE IF NOT EXISTS sluice_migrations (
  name VARCHAR(255) NOT NULL PRIMARY KEY,
  checksum CHAR(64) NOT NULL,
  applied_at VARCHAR(30) NOT NULL
)`;

// MySQL commits before and after each statement that defines something. SQLite takes the lock for writing at once: whoever else writes
// is waited for before the migration has done anything, and can't be in its way later.
const BEGIN: Readonly<Record<Dialect, string | undefined>> = {
  mysql: undefined,
  postgres: "BEGIN",
  sqlite: "BEGIN IMMEDIATE",
};

/**
 * As `Database.migrate`.
 *
 * @param signal Ends it: it goes no further.
 */
export async function migrateDatabase(
  driver: DatabaseDriver,
  errors: DatabaseErrors,
  folder: string | URL,
  signal: AbortSignal,
): Promise<string[]> {
  const files = await readMigrations(folder);
  const { dialect } = driver;
  try {
    return await driver.exclusively(
      LOCK,
      async (session) => {
        const pending = await pendingMigrations(session, files, folder);
        for (const file of pending) {
          signal.throwIfAborted();
          await apply(session, dialect, file);
        }
        return pending.map(({ name }) => name);
      },
      signal,
    );
  } catch (error) {
    throw errors.coded(error, errors.kind(error));
  }
}

async function pendingMigrations(
  session: ScriptRunner,
  files: readonly MigrationFile[],
  folder: string | URL,
): Promise<MigrationFile[]> {
  await session.script(TABLE);
  return pendingOf(files, await appliedChecksums(session), folder);
}

async function appliedChecksums(session: ScriptRunner): Promise<Map<string, string>> {
  const { rows } = await session.run(statement("SELECT name, checksum FROM sluice_migrations", [], "read"))
    .result;
  return new Map(rows.map((row) => [String(row["name"]), String(row["checksum"])]));
}

function pendingOf(
  files: readonly MigrationFile[],
  applied: ReadonlyMap<string, string>,
  folder: string | URL,
): MigrationFile[] {
  const pending: MigrationFile[] = [];
  for (const file of files) {
    const checksum = applied.get(file.name);
    const [missed] = pending;
    if (checksum === undefined) pending.push(file);
    else if (checksum !== file.checksum)
      throw new SluiceError("SLUICE_MIGRATION_CHANGED", { file: file.name });
    else if (missed !== undefined)
      throw invalidMigrations(
        folder,
        `${missed.name} is new, but ${file.name} has been applied before; give it a higher number`,
      );
  }
  return pending;
}

async function apply(session: ScriptRunner, dialect: Dialect, file: MigrationFile): Promise<void> {
  const begin = BEGIN[dialect];
  try {
    if (begin !== undefined) await session.script(begin);
    await session.script(file.sql);
    await record(session, dialect, file);
    if (begin !== undefined) await session.script("COMMIT");
  } catch (error) {
    if (begin !== undefined) await session.script("ROLLBACK").catch(() => {});
    throw migrationFailed(file, error);
  }
}

function migrationFailed(file: MigrationFile, cause: unknown): SluiceError {
  return new SluiceError("SLUICE_MIGRATION_FAILED", { file: file.name, reason: reasonOf(cause) }, { cause });
}

async function record(session: ScriptRunner, dialect: Dialect, file: MigrationFile): Promise<void> {
  const values = dialect === "postgres" ? "$1, $2, $3" : "?, ?, ?";
  const sql = `INSERT INTO sluice_migrations (name, checksum, applied_at) VALUES (${values})`;
  await session.run(statement(sql, [file.name, file.checksum, new Date().toISOString()], "write")).result;
}

function statement(sql: string, params: string[], access: "read" | "write"): Statement {
  return { sql, params, access, maxRows: Number.POSITIVE_INFINITY };
}
