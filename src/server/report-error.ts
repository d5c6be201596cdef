import type { Connection } from "../transport/index.ts";

const MAX_PATH = 200;
const CONTROLS = /\p{Cc}/gu;

/** Where errors of handlers go unless `onError` is set: stderr, with what is needed to find the cause. */
export function reportError(error: unknown, socket: Connection | undefined): void {
  const where =
    socket === undefined
      ? "the handling of a request (authenticate or http)"
      : `the handler of ${printable(socket.request.path)}, connection ${socket.id} from ${socket.request.remoteAddress}`;
  process.stderr.write(`sluice: error in ${where}: ${describe(error)}\n`);
}

// Whatever can be thrown can be reported.
function describe(error: unknown): string {
  try {
    return error instanceof Error ? trace(error) : printable(String(error));
  } catch {
    return "what was thrown can't be shown";
  }
}

// The message may quote what a peer has sent; the lines of the stack are our own.
function trace({ stack, name, message }: Error): string {
  const head = `${name}: ${message}`;
  const frames = stack?.startsWith(head) === true ? stack.slice(head.length) : `\n${stack ?? ""}`;
  return `${name}: ${escapeControls(message)}${frames}`;
}

function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// A peer chooses its path: neither may it fill the log, nor write lines or terminal commands of its own into it.
function printable(text: string): string {
  return escapeControls(JSON.stringify(text.length > MAX_PATH ? `${text.slice(0, MAX_PATH)}…` : text));
}
