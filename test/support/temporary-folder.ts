import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for the files of a test. */
export class TemporaryFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "sluice-test-"));

  /** Writes a file. @returns its path */
  write(name: string, content: string): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  /** Removes the folder with all that is in it. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
