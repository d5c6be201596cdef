import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** As whom a server runs; nothing if as whoever runs the test. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** A folder for a server's data, owned by the user that it runs as. The guard of its process removes it. */
export class ServerFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "sluice-server-"));
  readonly user: ServerUser = serverUser();

  constructor() {
    chmodSync(this.path, 0o700);
    this.#own(this.path);
  }

  /** Writes a file. @returns its path */
  write(name: string, content: string | Buffer): string {
    const path = join(this.path, name);
    writeFileSync(path, content, { mode: 0o600 });
    this.#own(path);
    return path;
  }

  /** Runs a program to its end, as the server's user. */
  run(binary: string, argv: readonly string[]): void {
    execFileSync(binary, argv, { ...this.user, cwd: this.path, stdio: ["ignore", "ignore", "pipe"] });
  }

  #own(path: string): void {
    if (this.user.uid !== undefined && this.user.gid !== undefined)
      chownSync(path, this.user.uid, this.user.gid);
  }
}

/** PostgreSQL and MariaDB refuse to run as root. */
function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
