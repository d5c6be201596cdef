import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const removeAtExit = new Set<TemporaryDatabase>();
process.on("exit", () => {
  for (const database of removeAtExit) database.remove();
});

/**
 * The files of a database that is gone when its pool is closed, in a folder that only this user can read.
 *
 * What SQLite has in memory alone belongs to one connection: a query beside a transaction would either see what isn't committed or wait
 * for it, for ever if the transaction waits for the query. In a file it is like any other; never synced, it is as fast.
 */
export class TemporaryDatabase {
  /** Where it is. */
  readonly path: string;
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "sluice-sqlite-"));
    this.path = join(this.#folder, "memory.db");
    removeAtExit.add(this);
  }

  /** Removes its files. */
  remove(): void {
    removeAtExit.delete(this);
    // On Windows what a thread still has open can't be removed.
    try {
      rmSync(this.#folder, { recursive: true, force: true });
    } catch {}
  }
}
