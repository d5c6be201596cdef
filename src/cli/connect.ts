import { ReadStream, WriteStream } from "node:tty";
import { type Command, Option } from "commander";
import { invalidOption, SluiceError } from "../errors/index.ts";
import { type ConnectConsole, PipeConsole, TerminalConsole } from "./connect-console.ts";
import { ConnectSession, type SessionEnd } from "./connect-session.ts";
import { parseTarget } from "./connect-target.ts";
import { ExitCode, exitCodeOfClose } from "./exit-codes.ts";
import { printable, quoted } from "./printable.ts";
import { gather, parseHeaders } from "./repeated-flags.ts";
import { byteCount, type SettingKind, wholeNumber } from "./setting-kinds.ts";
import { exitCodeOfSignal, onEndSignals } from "./signals.ts";

interface ConnectFlags {
  readonly binary?: boolean;
  readonly header?: readonly string[];
  readonly subprotocol?: readonly string[];
  readonly insecure?: boolean;
  readonly lingerMs?: string;
  readonly timeoutMs: string;
  readonly maxMessageBytes: string;
}

const PIPE_LINGER_MS = 250;

const NOTES = `
On a terminal, messages appear above the line that is typed, binary ones as hex, control characters as escapes. In a pipe, a
text message is a line and a binary message its bytes alone, just as they came. Ctrl-D or the end of the input closes with
1000, Ctrl-C too; a second Ctrl-C ends at once.

Exit codes: ${ExitCode.ok} closed with 1000, 1001 or no code, ${ExitCode.failed} could not connect, ${ExitCode.usage} wrong flags, \
${ExitCode.handshakeRefused} handshake refused,
${ExitCode.connectionLost} connection lost (1006), ${ExitCode.closedComeBack} closed with 1011 to 1014 (come back later), \
${ExitCode.closedStayAway} closed with 1002 to 1010 (it would happen again),
${ExitCode.closedByApplication} closed with a code of the application, 3000 to 4999, ${ExitCode.interrupted} or \
${ExitCode.terminated} ended at once.`;

/** Adds `sluice connect`. */
export function addConnectCommand(program: Command): void {
  program
    .command("connect")
    .description("a WebSocket client: lines in, messages out")
    .argument("<url>", "ws://, wss://, or a host alone")
    .option("-b, --binary", "send lines as binary messages")
    .option("-H, --header <line>", "header of the request, as 'Name: value'; may be repeated", gather)
    .option("-s, --subprotocol <name>", "offer a subprotocol; may be repeated", gather)
    .option("--insecure", "take any certificate, such as one that the server signed itself")
    .option(
      "--linger-ms <number>",
      "at the end of the input, close when nothing has come for so long (default: 250 in a pipe, 0 on a terminal)",
    )
    .addOption(plain("--timeout-ms <number>", "for connecting and the handshake", "10000"))
    .addOption(plain("--max-message-bytes <bytes>", "larger messages are refused (1009)", "64MiB"))
    .addHelpText("after", NOTES)
    .action(async (url: string, flags: ConnectFlags) => {
      process.exitCode = await connect(url, flags);
    });
}

// Commander would show the default in quotes.
function plain(flag: string, summary: string, fallback: string): Option {
  return new Option(flag, summary).default(fallback, fallback);
}

async function connect(url: string, flags: ConnectFlags): Promise<ExitCode> {
  const target = parseTarget(url);
  const maxMessageBytes = read("--max-message-bytes", flags.maxMessageBytes, byteCount(1));
  const isTerminal = process.stdin instanceof ReadStream && process.stdout instanceof WriteStream;
  const lingerMs = isTerminal ? 0 : PIPE_LINGER_MS;
  const console = makeConsole(maxMessageBytes);
  const session = new ConnectSession(target, console, {
    binary: flags.binary ?? false,
    announce: isTerminal,
    headers: parseHeaders(flags.header),
    subprotocols: flags.subprotocol ?? [],
    insecure: flags.insecure ?? false,
    lingerMs: flags.lingerMs === undefined ? lingerMs : read("--linger-ms", flags.lingerMs, wholeNumber(0)),
    timeoutMs: read("--timeout-ms", flags.timeoutMs, wholeNumber(1)),
    maxMessageBytes,
  });
  closeOnSignals(session);
  process.stdout.on("drain", () => session.onShown());
  // Whoever read our output is gone: `sluice connect … | head -1`.
  process.stdout.on("error", () => session.close());
  try {
    const end = await session.run();
    tellEnd(console, end, isTerminal);
    return exitCodeOfClose(end.code);
  } catch (error) {
    console.close();
    if (!(error instanceof SluiceError) || error.code !== "SLUICE_HANDSHAKE_REFUSED") throw error;
    console.note(`${error.message} (${error.code})`);
    return ExitCode.handshakeRefused;
  }
}

function makeConsole(maxLineBytes: number): ConnectConsole {
  const { stdin, stdout, stderr } = process;
  if (stdin instanceof ReadStream && stdout instanceof WriteStream) return new TerminalConsole(stdin, stdout);
  return new PipeConsole({ input: stdin, output: stdout, errors: stderr }, maxLineBytes);
}

function closeOnSignals(session: ConnectSession): void {
  onEndSignals({
    first: (signal) => {
      if (!session.close()) process.exit(exitCodeOfSignal(signal));
    },
    again: (signal) => process.exit(exitCodeOfSignal(signal)),
  });
}

// A program that went well says nothing more than it was asked for.
function tellEnd(console: ConnectConsole, { code, reason }: SessionEnd, isTerminal: boolean): void {
  if (!isTerminal && exitCodeOfClose(code) === ExitCode.ok) return;
  const why = reason === "" ? "" : `: ${printable(reason)}`;
  console.note(code === 1006 ? "the connection was lost (1006)" : `closed with ${code}${why}`);
}

function read<T>(option: string, given: string, kind: SettingKind<T>): T {
  const value = kind.fromText(given);
  if (value !== undefined) return value;
  throw invalidOption(option, `it must be ${kind.expects}, not ${quoted(given, 80)}`);
}
