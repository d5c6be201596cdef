import { type ChildProcess, spawn } from "node:child_process";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { inTime, waitFor } from "./wait-for.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const START_MS = 60_000;

/** How a command is started. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A command of Sluice's own, as a process. */
export class CliProcess {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #stdoutChunks: Buffer[] = [];
  readonly #exit: Promise<number | null>;

  constructor(t: TestContext, argv: readonly string[], options: CliOptions = {}) {
    const { SLUICE_TRANSPORT } = process.env;
    this.child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), MAIN, ...argv], {
      // What the machine has set for itself must not decide a test; which byte stream is under test may.
      env: { PATH: process.env["PATH"], ...(SLUICE_TRANSPORT && { SLUICE_TRANSPORT }), ...options.env },
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdoutChunks.push(chunk);
      this.stdout += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.child.stdin?.on("error", () => {});
    this.#exit = new Promise((resolve) => this.child.once("close", resolve));
    t.after(() => this.child.kill("SIGKILL"));
  }

  /** All of stdout, as bytes. */
  get output(): Buffer {
    return Buffer.concat(this.#stdoutChunks);
  }

  /** Resolves when a text has been written, to either of its outputs. */
  said(text: string | RegExp): Promise<void> {
    const has = (written: string): boolean =>
      typeof text === "string" ? written.includes(text) : text.test(written);
    const isOver = (): boolean => this.child.exitCode !== null || this.child.signalCode !== null;
    return waitFor(
      `the command to say ${text}`,
      () => {
        if (has(this.stdout) || has(this.stderr)) return true;
        if (isOver())
          throw new Error(`the command ended without saying ${text}: ${this.stdout}${this.stderr}`);
        return false;
      },
      START_MS,
    );
  }

  /** Writes to its input. */
  write(input: string | Buffer): void {
    this.child.stdin?.write(input);
  }

  /** Ends its input, after a last piece. */
  end(input: string | Buffer = ""): void {
    this.child.stdin?.end(input);
  }

  /** The exit code; null if a signal has killed it. */
  exit(): Promise<number | null> {
    return inTime("the command to end", this.#exit, START_MS);
  }
}

/** A running `sluice serve` on a port that was free. */
export async function startServe(
  t: TestContext,
  argv: readonly string[] = [],
  options: CliOptions = {},
): Promise<{ serve: CliProcess; port: number }> {
  const serve = new CliProcess(t, ["serve", "--port", "0", ...argv], options);
  await serve.said("a second one ends at once");
  const port = Number(/wss?:\/\/[^/]+:(\d+)\/echo/.exec(serve.stdout)?.[1]);
  return { serve, port };
}
