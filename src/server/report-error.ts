import type { Connection } from "../transport/index.ts";

const MAX_PATH = 200;

/** Where errors of handlers go unless `onError` is set: stderr, with what is needed to find the cause. */
export function reportError(error: unknown, socket: Connection | undefined): void {
  const where =
    socket === undefined
      ? "the handling of a request (authenticate or http)"
      : `the handler of ${printable(socket.request.path)}, connection ${socket.id} from ${socket.request.remoteAddress}`;
  const what = error instanceof Error ? (error.stack ?? String(error)) : printable(String(error));
  process.stderr.write(`sluice: error in ${where}: ${what}\n`);
}

// A peer chooses its path: neither may it fill the log, nor write lines or terminal commands of its own into it.
function printable(text: string): string {
  return JSON.stringify(text.length > MAX_PATH ? `${text.slice(0, MAX_PATH)}…` : text);
}
