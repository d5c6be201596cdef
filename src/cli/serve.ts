import type { Command } from "commander";
import type { CloseResult, Server } from "../server/index.ts";
import { connectionDefaults } from "../transport/index.ts";
import { banner } from "./banner.ts";
import { settingsFromFile } from "./config-file.ts";
import { createDemo, type Demo } from "./demo-server.ts";
import { settingsFromEnvironment } from "./environment.ts";
import { EventLog } from "./event-log.ts";
import { ExitCode } from "./exit-codes.ts";
import { Log } from "./log.ts";
import { addServeFlags, settingsFromFlags } from "./serve-flags.ts";
import { type ServeOptions, serveOptions } from "./serve-settings.ts";
import { exitCodeOfSignal, onEndSignals } from "./signals.ts";
import { readTlsFiles } from "./tls-files.ts";
import { readVersion } from "./version.ts";

const DRAIN_MS = 10_000;

const NOTES = `
Each flag can also be given as a variable (--max-connections as SLUICE_MAX_CONNECTIONS), or in a configuration file in the
shape that the options have in code: { "port": 9000, "limits": { "maxConnections": 1000 } }. Flags go before variables,
variables before the file.

Exit codes: ${ExitCode.ok} drained, ${ExitCode.failed} could not start, ${ExitCode.usage} wrong flags, variables or file, \
${ExitCode.drainCut} drained but connections had to be cut,
${ExitCode.resourceUnavailable} its database can't be reached or prepared, \
${ExitCode.interrupted} or ${ExitCode.terminated} ended at once by a second SIGINT or SIGTERM.`;

/** Adds `sluice serve`. */
export function addServeCommand(program: Command): void {
  const command = program
    .command("serve")
    .description("serve /echo, /group/NAME, a page with a chat at /, and /health")
    .option("-c, --config <file>", "configuration file, .json, .js or .mjs (variable SLUICE_CONFIG)")
    .addHelpText("after", NOTES)
    .action(async (flags: Record<string, unknown>) => {
      const options = await gatherOptions(flags, process.env);
      await runUntilSignalled(options);
    });
  addServeFlags(command);
}

/**
 * Settings from all sources, the strongest last.
 *
 * @throws SLUICE_INVALID_OPTION, SLUICE_CONFIG_UNREADABLE, SLUICE_CONFIG_INVALID
 */
export async function gatherOptions(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ServeOptions> {
  const file = (flags["config"] as string | undefined) ?? (environment["SLUICE_CONFIG"] || undefined);
  const fromFlags = settingsFromFlags(flags);
  const fromEnvironment = settingsFromEnvironment(environment);
  const fromFile = file === undefined ? {} : await settingsFromFile(file);
  return serveOptions({ ...fromFile, ...fromEnvironment, ...fromFlags });
}

async function runUntilSignalled(options: ServeOptions): Promise<void> {
  const { tls: tlsFiles, drain = {}, page = true, logLevel = "info", ...others } = options;
  const { database, demo: query = false, ...serverOptions } = others;
  // The engine lets this variable go before its options; here it has been weighed against the flags already.
  if (options.transport !== undefined) process.env["SLUICE_TRANSPORT"] = options.transport;
  const tls = await readTlsFiles(tlsFiles);
  const events = new EventLog(new Log(logLevel));
  const version = readVersion();
  const server = { ...serverOptions, ...(tls && { tls }), onError: events.onError.bind(events) };
  const demo = createDemo({ server, page, version, query, ...(database !== undefined && { database }) });
  events.follow();
  await listen(demo.server);
  const { maxMessageBytes = connectionDefaults.maxMessageBytes } = serverOptions;
  const { drainMs = DRAIN_MS } = drain;
  // Whoever reads the banner may send a signal at once.
  const signalled = firstSignal();
  process.stdout.write(
    banner(demo.server, { version, page, query, keptIn: keptIn(database), maxMessageBytes, drainMs }),
  );
  await signalled;
  const code = await drainAndTell(demo, { ...drain, drainMs });
  process.exitCode = code;
  // A configuration file that is a module may have left a timer or a socket behind.
  setTimeout(() => process.exit(code), 500).unref();
}

async function listen(server: Server): Promise<void> {
  try {
    await server.listen();
  } catch (error) {
    // Its database would keep the process.
    await server.close();
    throw error;
  }
}

// Without the rest of the URL, in which a password may stand.
function keptIn(database: string | undefined): string {
  return database === undefined ? "memory" : (/^[a-z]+/i.exec(database)?.[0] ?? "a database");
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process there and then. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    onEndSignals({
      first: () => resolve(),
      again: (signal) => {
        process.stdout.write("Ended at once.\n");
        process.exit(exitCodeOfSignal(signal));
      },
    });
  });
}

async function drainAndTell(
  demo: Demo,
  { noticeMs = 0, ...closing }: NonNullable<ServeOptions["drain"]> & { drainMs: number },
): Promise<ExitCode> {
  const { server } = demo;
  demo.startDraining();
  process.stdout.write(`\nDraining ${connectionsOf(server)}, for at most ${closing.drainMs / 1000} s.\n`);
  if (noticeMs > 0) await new Promise((resolve) => setTimeout(resolve, noticeMs));
  const result = await server.close(closing);
  process.stdout.write(`${tellResult(result)}\n`);
  return result.cut > 0 ? ExitCode.drainCut : ExitCode.ok;
}

function connectionsOf(server: Server): string {
  const { size } = server.connections;
  return size === 1 ? "1 connection" : `${size.toLocaleString("en")} connections`;
}

function tellResult({ closed, cut }: CloseResult): string {
  const cutPart = cut > 0 ? `, ${cut.toLocaleString("en")} cut at the deadline` : "";
  return `Drained: ${closed.toLocaleString("en")} closed${cutPart}.`;
}
