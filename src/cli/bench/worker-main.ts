// The program of one of the bench's processes. It does as the process says that has started it, and ends with it.

import type { WorkerCommand, WorkerReport } from "./worker-messages.ts";
import { WorkerSession } from "./worker-session.ts";

let session: WorkerSession | undefined;

function report(message: WorkerReport): void {
  if (!process.connected) return;
  if (message.kind === "result") process.send?.(message, () => void end());
  else process.send?.(message);
}

async function end(): Promise<void> {
  await session?.close();
  process.exit();
}

function handle(command: WorkerCommand): void {
  if (command.kind === "open") session = new WorkerSession(command.plan, report);
  else session?.handle(command).catch(fail);
}

function fail(error: unknown): void {
  report({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
  process.disconnect?.();
}

// Ctrl-C goes to every process of the terminal's group; when to end is for the one that has started this one to say.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit());
process.on("uncaughtException", fail);
process.on("message", handle);
