import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { isBusy } from "./busy.ts";

/**
 * Locks that one process holds at a time. Each is SQLite's own exclusive lock on an empty file beside the database, so that the system
 * lets go of it if its process ends in whatever way. The file stays: removing it would race with another process that has it open.
 */
export class BetweenProcesses {
  readonly #path: string;
  readonly #held = new Map<string, DatabaseSyncInstance>();

  /** @param path of the database */
  constructor(path: string) {
    this.#path = path;
  }

  /** Takes a lock. @returns false if it is held, be it by this very process */
  tryLock(name: string): boolean {
    if (this.#held.has(name)) return false;
    const file = this.#tryFile(name);
    if (file !== undefined) this.#held.set(name, file);
    return file !== undefined;
  }

  /** Lets a lock go. */
  unlock(name: string): void {
    this.#held.get(name)?.close();
    this.#held.delete(name);
  }

  /** Lets all locks go. */
  close(): void {
    for (const name of [...this.#held.keys()]) this.unlock(name);
  }

  #tryFile(name: string): DatabaseSyncInstance | undefined {
    const file = new DatabaseSync(`${this.#path}-${name.replace(/[^\w.-]/g, "_")}.lock`, { timeout: 0 });
    try {
      file.exec("BEGIN EXCLUSIVE");
      return file;
    } catch (error) {
      file.close();
      if (isBusy(error)) return undefined;
      throw error;
    }
  }
}
