// No process outlives the harness, however it ends.

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** Remembers a process until it is gone. @template {import("node:child_process").ChildProcess} Child @param {Child} child */
export function untilGone(child) {
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
