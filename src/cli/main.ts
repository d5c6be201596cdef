#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { SluiceError, type SluiceErrorCode } from "../errors/index.ts";
import { ExitCode } from "./exit-codes.ts";
import { printable } from "./printable.ts";
import { readVersion } from "./version.ts";

type AddCommand = (program: Command) => void;

/** Each command is loaded when it is asked for, so that none waits for another's parts. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import("./serve.ts")).addServeCommand,
  connect: async () => (await import("./connect.ts")).addConnectCommand,
  bench: async () => (await import("./bench/index.ts")).addBenchCommand,
};

/** These say that what was asked for makes no sense, rather than that it failed. */
const USAGE_ERRORS: ReadonlySet<SluiceErrorCode> = new Set([
  "SLUICE_INVALID_OPTION",
  "SLUICE_CONFIG_UNREADABLE",
  "SLUICE_CONFIG_INVALID",
  "SLUICE_REMOTE_TARGET",
  "SLUICE_UNKNOWN_SCHEME",
  "SLUICE_INVALID_URL",
]);

/** These come from the database, as nothing else that the commands do can give them. */
const RESOURCE_ERRORS: ReadonlySet<SluiceErrorCode> = new Set([
  "SLUICE_DRIVER_MISSING",
  "SLUICE_UNREACHABLE",
  "SLUICE_CREDENTIALS_REFUSED",
  "SLUICE_CONNECTION_LOST",
  "SLUICE_COMMIT_UNKNOWN",
  "SLUICE_CONSTRAINT_VIOLATED",
  "SLUICE_QUERY_FAILED",
  "SLUICE_QUERY_TIMEOUT",
  "SLUICE_TRANSACTION_CONFLICT",
]);

// Whoever read our output may have gone (`sluice --help | head -1`), which is no reason for a server to fall over.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
await main(process.argv);

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("sluice")
    .description("A real-time WebSocket server that stays fast as connections grow.")
    .version(readVersion(), "-V, --version")
    .showHelpAfterError("(add --help for all that there is)")
    .exitOverride();
  const asked = commands[argv[2] ?? ""];
  const loaders = asked === undefined ? Object.values(commands) : [asked];
  for (const load of loaders) (await load())(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

function exitCodeOf(code: SluiceErrorCode): ExitCode {
  if (USAGE_ERRORS.has(code)) return ExitCode.usage;
  return RESOURCE_ERRORS.has(code) ? ExitCode.resourceUnavailable : ExitCode.failed;
}

function reportFailure(error: unknown): ExitCode {
  // Commander has written its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (error instanceof SluiceError) {
    process.stderr.write(`sluice: ${printable(error.message, 1000)} (${error.code})\n`);
    return exitCodeOf(error.code);
  }
  process.stderr.write(
    `sluice: ${printable(error instanceof Error ? (error.stack ?? error.message) : String(error), 4000)}\n`,
  );
  return ExitCode.failed;
}
