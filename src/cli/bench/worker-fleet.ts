import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkerCommand, WorkerPlan, WorkerProgress, WorkerReport } from "./worker-messages.ts";

/** A report of one kind. */
type ReportOf<Kind extends WorkerReport["kind"]> = Extract<WorkerReport, { kind: Kind }>;

/** Told of what comes in between. */
export interface FleetEvents {
  /** What all processes together have done so far. */
  onProgress(progress: WorkerProgress): void;
}

interface Waiting {
  readonly kind: WorkerReport["kind"];
  check(): void;
  reject(error: Error): void;
}

// Built, this file and that one end in .js.
const PROGRAM = fileURLToPath(new URL("./worker-main.ts", import.meta.url)).replace(
  /\.ts$/,
  extname(import.meta.url),
);
// A process closes its connections in good order, for a second at most.
const END_AT_MOST_MS = 5_000;
const NOTHING: WorkerProgress = { opened: 0, sent: 0, received: 0 };

/** The processes of a run. */
export class WorkerFleet {
  readonly #children: ChildProcess[] = [];
  readonly #events: FleetEvents;
  /** The last report of each kind, by process. */
  readonly #reports: Map<WorkerReport["kind"], WorkerReport>[] = [];
  readonly #waiting = new Set<Waiting>();
  /** How many processes are done with the round of a group. */
  readonly #rounds = new Map<number, number>();
  #roundSizes: readonly number[] = [];

  constructor(events: FleetEvents) {
    this.#events = events;
  }

  /** Starts a process. */
  start(plan: WorkerPlan): void {
    const position = this.#children.length;
    const child = fork(PROGRAM, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#children.push(child);
    this.#reports.push(new Map());
    child.on("message", (report: WorkerReport) => this.#take(position, report));
    child.on("error", (error) => this.#fail(error));
    child.on("exit", (code, signal) => {
      const check = (): void => {
        if (this.#reports[position]?.has("result")) return;
        this.#fail(new Error(`A process of the bench ended with ${signal ?? code}.`));
      };
      // What it has reported may still be on its way.
      if (child.connected) child.once("disconnect", check);
      else check();
    });
    child.send({ kind: "open", plan } satisfies WorkerCommand);
  }

  /** Tells all processes. A group's round ends when `processes` of them have reported it. */
  tell(command: WorkerCommand): void {
    if (command.kind === "start") this.#roundSizes = command.census.processes;
    for (const child of this.#children) if (child.connected) child.send(command);
  }

  /**
   * Waits until each process has reported something new of a kind.
   *
   * @throws if one of them fails
   */
  all<Kind extends WorkerReport["kind"]>(kind: Kind): Promise<ReportOf<Kind>[]> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        kind,
        reject,
        check: () => {
          const found = this.#reports.map((reports) => reports.get(kind));
          if (found.includes(undefined)) return;
          this.#waiting.delete(waiting);
          // A result stays, so that it can be asked for however early it came.
          if (kind !== "result") for (const reports of this.#reports) reports.delete(kind);
          resolve(found as ReportOf<Kind>[]);
        },
      };
      this.#waiting.add(waiting);
      waiting.check();
    });
  }

  /** Ends all processes, and waits until they are gone; those that have reported their result end by themselves, in good order. */
  async end(): Promise<void> {
    const endings = this.#children.map((child, position) => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
      if (!this.#reports[position]?.has("result")) child.kill("SIGKILL");
      const late = setTimeout(() => child.kill("SIGKILL"), END_AT_MOST_MS);
      return once(child, "exit").finally(() => clearTimeout(late));
    });
    await Promise.all(endings);
  }

  #take(position: number, report: WorkerReport): void {
    this.#reports[position]?.set(report.kind, report);
    if (report.kind === "failed") this.#fail(new Error(`A process of the bench failed. ${report.reason}`));
    else if (report.kind === "round") this.#countRound(report.group);
    else if (report.kind === "progress") this.#events.onProgress(this.#progress());
    else for (const waiting of this.#waiting) waiting.check();
  }

  #countRound(group: number): void {
    const done = (this.#rounds.get(group) ?? 0) + 1;
    const isOver = done >= (this.#roundSizes[group] ?? 1);
    this.#rounds.set(group, isOver ? 0 : done);
    if (isOver) this.tell({ kind: "round", group });
  }

  #progress(): WorkerProgress {
    const reports = this.#reports.map(
      (latest) => (latest.get("progress") as WorkerProgress | undefined) ?? NOTHING,
    );
    const sum = (name: keyof WorkerProgress): number =>
      reports.reduce((total, progress) => total + progress[name], 0);
    return { opened: sum("opened"), sent: sum("sent"), received: sum("received") };
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting.clear();
  }
}
