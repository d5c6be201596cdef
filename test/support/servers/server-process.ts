import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { inTime, waitFor } from "../wait-for.ts";
import type { LiveServer } from "./live-server.ts";
import type { ServerFolder } from "./server-folder.ts";

const START_MS = 30_000;
const STOP_MS = 15_000;
const MAX_OUTPUT = 20_000;

// Reads the pid of the server that runs, or an empty line when none does. Its input ends when the process of the test does, even by
// SIGKILL: then nothing is left, neither processes nor files.
const GUARD = `trap "" INT TERM HUP
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then kill -KILL "$pid" $(cat /proc/"$pid"/task/*/children 2>/dev/null) 2>/dev/null; fi
rm -rf -- "$1"`;

/** How a server is run. */
export interface ServerCommand {
  readonly binary: string;
  readonly argv: readonly string[];
  readonly folder: ServerFolder;
  readonly port: number;
  readonly url: string;
  /** What it writes once it takes connections. */
  readonly ready: RegExp;
  /** What has it end in good order. @default SIGTERM */
  readonly stopSignal?: NodeJS.Signals;
}

/** A server as a process of its own, with its children. */
export class ServerProcess implements LiveServer {
  readonly url: string;
  readonly port: number;
  readonly #command: ServerCommand;
  readonly #guard: ChildProcess;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #output = "";

  private constructor(command: ServerCommand) {
    this.#command = command;
    this.url = command.url;
    this.port = command.port;
    this.#guard = spawn("sh", ["-c", GUARD, "sh", command.folder.path], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    this.#guard.unref();
    const { stdin } = this.#guard;
    stdin?.on("error", () => {});
    if (stdin !== null && "unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  }

  /** Starts a server and waits until it takes connections. */
  static async start(command: ServerCommand): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    await server.#start();
    return server;
  }

  async stop(): Promise<void> {
    this.#signal("SIGCONT");
    this.#child?.kill(this.#command.stopSignal ?? "SIGTERM");
    try {
      await inTime("a server to stop", this.#exited, STOP_MS);
    } catch {
      await this.kill();
    }
  }

  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await inTime("a server to be gone", this.#exited, STOP_MS);
  }

  pause(): void {
    this.#signal("SIGSTOP");
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  async restart(): Promise<void> {
    await this.stop();
    // Its children may take a moment longer to let go of the port and of shared memory.
    let failure: unknown;
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await this.#start();
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #start(): Promise<void> {
    const { binary, argv, folder, ready } = this.#command;
    this.#output = "";
    const child = spawn(binary, argv, {
      ...folder.user,
      cwd: folder.path,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that a Ctrl-C at the terminal ends the test first.
      detached: true,
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once("error", (error) => {
        this.#output += error.message;
        resolve();
      });
      child.once("exit", () => resolve());
    });
    void this.#exited.then(() => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#guard.stdin?.write("\n");
    });
    this.#guard.stdin?.write(`${child.pid ?? ""}\n`);
    for (const stream of [child.stdout, child.stderr]) this.#keep(stream);
    child.unref();
    await waitFor(
      `${binary} to take connections`,
      () => {
        if (ready.test(this.#output)) return true;
        if (this.#child !== child) throw new Error(`${binary} ended: ${this.#output}`);
        return false;
      },
      START_MS,
    );
  }

  // Read all the time, so that it never waits for a reader; held by nothing, so that the test may end.
  #keep(stream: NodeJS.ReadableStream | null): void {
    stream?.on("data", (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-MAX_OUTPUT);
    });
    if (stream !== null && "unref" in stream && typeof stream.unref === "function") stream.unref();
  }

  // The parent first, so that it makes no more children meanwhile.
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    const children = childrenOf(pid);
    send(pid, signal);
    for (const child of new Set([...children, ...childrenOf(pid)])) send(child, signal);
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
