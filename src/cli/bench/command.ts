import { type Command, Option } from "commander";
import { invalidOption } from "../../errors/index.ts";
import { ExitCode } from "../exit-codes.ts";
import { quoted } from "../printable.ts";
import { gather, parseHeaders } from "../repeated-flags.ts";
import { exitCodeOfSignal, onEndSignals } from "../signals.ts";
import type { BenchOptions } from "./options.ts";
import { ProgressLine } from "./progress.ts";
import { formatReport } from "./report.ts";
import type { BenchResult } from "./result.ts";
import { runBench } from "./run-bench.ts";
import { benchSettings } from "./settings.ts";

interface BenchFlags extends Readonly<Record<string, unknown>> {
  readonly hello?: readonly string[];
  readonly subprotocol?: readonly string[];
  readonly header?: readonly string[];
  readonly json?: boolean;
}

const NOTES = `
Modes: echo is a closed loop that times each answer. fanout has each member of a group send one message, and all of them again
once each has received all: it counts deliveries. rate is an open loop: messages are sent when they are due, and timed from then
on, whether or not the server keeps up. connect opens connections and drops them. idle opens them and holds them.

Templates: %t is the time marker (@, 10 hexadecimal digits, @) by which an answer is timed, %i the connection's number, %r its
group, %n a growing number of ten digits, %p padding up to --size, %% a percent sign. In the URL there are %r and %i.
  sluice bench 'ws://localhost:8765/group/%r' -m rate --groups 20 --rate 2000 -c 1000
  sluice bench 'ws://localhost:3000/socket.io/?EIO=4&transport=websocket' --hello 40 --message '42["m","%t"]' --answer 2=3

Only loopback addresses are taken as targets, unless --allow-remote is given. Ctrl-C ends it, and what was measured until then is
shown.

Exit codes: ${ExitCode.ok} all went well, ${ExitCode.failed} connections were refused, closed or cut, ${ExitCode.usage} wrong flags, \
${ExitCode.interrupted} or ${ExitCode.terminated} ended at once by a second signal.`;

/** Adds `sluice bench`. */
export function addBenchCommand(program: Command): void {
  const command = program
    .command("bench")
    .description("a load generator for any WebSocket server")
    .argument("<url>", "ws:// or wss://; %r in it is the connection's group, %i its number")
    .option("--hello <template>", "what a connection says first; more of them once all are open", gather)
    .option("-s, --subprotocol <name>", "offer a subprotocol; may be repeated", gather)
    .option("-H, --header <line>", "header of the request, as 'Name: value'; may be repeated", gather)
    .option("--json", "print the result as JSON")
    .addHelpText("after", NOTES)
    .action(async (url: string, flags: BenchFlags) => {
      process.exitCode = await bench(benchOptions(url, flags, longNames(command)), flags.json ?? false);
    });
  for (const { flag, summary, fallback } of Object.values(benchSettings)) {
    command.addOption(new Option(flag, `${summary} (default: ${fallback})`));
  }
}

/** The name of an option, and that of its flag as commander has it. */
function longNames(command: Command): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(benchSettings).map(([name, { flag }]) => {
      const option = command.options.find(({ flags }) => flags === flag);
      return [name, option?.attributeName() ?? name];
    }),
  );
}

/**
 * Reads what commander has parsed.
 *
 * @throws SLUICE_INVALID_OPTION
 */
function benchOptions(url: string, flags: BenchFlags, names: ReadonlyMap<string, string>): BenchOptions {
  const values: Record<string, unknown> = {};
  for (const [name, { kind, flag }] of Object.entries(benchSettings)) {
    const given = flags[names.get(name) ?? name];
    if (given === undefined) continue;
    const value = typeof given === "string" ? kind.fromText(given) : kind.fromValue(given);
    if (value === undefined) {
      const [long = name] = /--[\w-]+/.exec(flag) ?? [];
      throw invalidOption(long, `it must be ${kind.expects}, not ${quoted(String(given), 80)}`);
    }
    values[name] = value;
  }
  const { hello = [], subprotocol: subprotocols = [] } = flags;
  return { ...values, url, hello, subprotocols, headers: parseHeaders(flags.header) };
}

async function bench(options: BenchOptions, asJson: boolean): Promise<ExitCode> {
  const interruption = new AbortController();
  const stopListening = onEndSignals({
    first: () => interruption.abort(),
    again: (signal) => process.exit(exitCodeOfSignal(signal)),
  });
  const progress = new ProgressLine(process.stderr, options.durationSeconds ?? 10);
  try {
    const result = await runBench(options, {
      signal: interruption.signal,
      onProgress: (state) => progress.show(state),
    });
    progress.clear();
    process.stdout.write(asJson ? `${JSON.stringify(result, null, 2)}\n` : formatReport(result));
    return exitCodeOf(result);
  } finally {
    progress.clear();
    stopListening();
  }
}

function exitCodeOf({ connections }: BenchResult): ExitCode {
  return connections.refused + connections.closed > 0 ? ExitCode.failed : ExitCode.ok;
}
