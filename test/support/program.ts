import { type ChildProcess, spawn } from "node:child_process";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "./wait-for.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_MS = 60_000;

// Has a program say where it listens, also one that says nothing by itself.
const ANNOUNCE = `data:text/javascript,${encodeURIComponent(`
  import { subscribe } from "node:diagnostics_channel";
  subscribe("sluice.server.listening", ({ server }) => console.log("announced " + server.url));
`)}`;

/** A program that imports "sluice" and serves, as a process of its own. */
export class Program {
  readonly child: ChildProcess;
  output = "";

  private constructor(t: TestContext, argv: readonly string[], env: Readonly<Record<string, string>>) {
    const { PATH, SLUICE_TRANSPORT } = process.env;
    this.child = spawn(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), "--import", ANNOUNCE, ...argv],
      {
        cwd: ROOT,
        // That configuration says where "sluice" is, so that nothing needs to be built.
        env: {
          PATH,
          TSX_TSCONFIG_PATH: `${ROOT}examples/tsconfig.json`,
          ...(SLUICE_TRANSPORT && { SLUICE_TRANSPORT }),
          ...env,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    t.after(() => this.child.kill("SIGKILL"));
  }

  /** Starts a program, and waits until it listens. */
  static async start(
    t: TestContext,
    argv: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Program> {
    const program = new Program(t, argv, env);
    await waitFor(
      `${argv.join(" ").slice(0, 80)} to listen`,
      () => {
        if (program.child.exitCode !== null) throw new Error(`it ended: ${program.output}`);
        return program.#port() !== undefined;
      },
      START_MS,
    );
    return program;
  }

  /** The port on which it listens. */
  get port(): number {
    return this.#port() ?? 0;
  }

  #port(): number | undefined {
    const port = /wss?:\/\/\S+?:(\d+)\S*\n/.exec(this.output)?.[1];
    return port === undefined ? undefined : Number(port);
  }
}
