import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { inTime } from "./wait-for.ts";

/** What a server in a process of its own says when it is asked. */
export interface ChildReport {
  readonly connections: number;
  readonly handshakes: number;
  readonly bufferedBytes: number;
  readonly refused: Record<string, number>;
  readonly closed: Record<string, number>;
  /** The most memory that the process has had so far, in bytes. */
  readonly peakBytes: number;
  /** CPU time of the process so far, in milliseconds. */
  readonly cpuMs: number;
}

/**
 * A server in a process of its own: for what has to be measured apart (its memory), or limited (its descriptors), or must not
 * be in the process of the test when it fails.
 */
export class ChildServer {
  readonly port: number;
  /** What it has written to stderr. */
  stderr = "";
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }

  /**
   * Runs a script, which must use `serveInChild`. It is ended after the test.
   *
   * @param options.descriptors How many files it may have open.
   */
  static async start(
    t: TestContext,
    script: URL,
    options: { descriptors?: number; args?: string[] } = {},
  ): Promise<ChildServer> {
    const node = [process.execPath, "--import", "tsx", script.pathname, ...(options.args ?? [])];
    const limit = options.descriptors === undefined ? "" : `ulimit -n ${options.descriptors} && `;
    const child = spawn("sh", ["-c", `${limit}exec "$@"`, "sh", ...node], {
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    t.after(() => child.kill("SIGKILL"));
    const ended = once(child, "exit").then(() => Promise.reject(new Error("the server ended")));
    ended.catch(() => {});
    const [port] = await inTime(
      "the server to listen",
      Promise.race([once(child, "message"), ended]),
      60_000,
    );
    return new ChildServer(child, port as number);
  }

  /** How it is. Fails if it is no longer there. */
  async report(): Promise<ChildReport> {
    const answer = once(this.#child, "message");
    this.#child.send("report");
    const [report] = await inTime("the server to report", answer);
    return report as ChildReport;
  }
}
