import { byteCount, choice, type SettingKind, text, toggle, wholeNumber } from "../setting-kinds.ts";
import { type BenchOptions, benchModes } from "./options.ts";

/** One option of the bench, as a flag. */
export interface BenchSetting {
  readonly kind: SettingKind<unknown>;
  readonly flag: string;
  /** One line of help, without the default. */
  readonly summary: string;
  /** As the help says it. */
  readonly fallback: string;
}

/** Options that are a single value each. */
export type SingleOption = Exclude<keyof BenchOptions, "url" | "hello" | "subprotocols" | "headers">;

/** Bounds beyond which a value is a slip of the pen. */
const DAY_SECONDS = 86_400;
const MAX_CONNECTIONS = 1_000_000;
const MAX_DEPTH = 10_000;
const MAX_RATE = 100_000_000;
const MAX_PROCESSES = 256;
/** Of one message, and of what a connection has outstanding. */
export const MAX_MESSAGE_BYTES: number = 64 * 1024 * 1024;

/** Each option, in the order of the help. */
export const benchSettings: Readonly<Record<SingleOption, BenchSetting>> = Object.freeze({
  mode: {
    kind: choice(benchModes),
    flag: "-m, --mode <word>",
    summary: `${benchModes.slice(0, -1).join(", ")} or ${benchModes.at(-1)}`,
    fallback: "echo",
  },
  connections: number("-c, --connections <number>", "connections to open", "100", [1, MAX_CONNECTIONS]),
  durationSeconds: seconds("-d, --duration <seconds>", "how long is measured", "10", 0.05),
  warmupSeconds: seconds("--warmup <seconds>", "the same before that, not measured", "1, idle 0", 0),
  depth: number("--depth <number>", "echo: messages outstanding on a connection", "1", [1, MAX_DEPTH]),
  size: {
    kind: byteCount(0),
    flag: "--size <bytes>",
    summary: "what %p pads a message to",
    fallback: "20",
  },
  rate: {
    kind: decimal(0.001, MAX_RATE),
    flag: "--rate <number>",
    summary: "rate: messages a second, on all connections together",
    fallback: "1000",
  },
  groups: number(
    "--groups <number>",
    "connection i is in group i modulo this; a message goes to its whole group",
    "fanout 1, else none: a message is answered",
    [1, MAX_CONNECTIONS],
  ),
  message: {
    kind: text("template"),
    flag: "--message <template>",
    summary: "what is sent; see below",
    fallback: "%t%p",
  },
  answer: {
    kind: text("text=text"),
    flag: "--answer <received=reply>",
    summary: "a message that is equal to the one is answered with the other, and not counted",
    fallback: "none",
  },
  slow: number("--slow <number>", "so many connections, the first ones, stop reading", "0", [
    0,
    MAX_CONNECTIONS,
  ]),
  binary: { kind: toggle, flag: "--binary", summary: "send binary messages", fallback: "text" },
  processes: number("--processes <number>", "processes that share the connections", "as many as they need", [
    1,
    MAX_PROCESSES,
  ]),
  concurrency: number(
    "--concurrency <number>",
    "handshakes under way at a time",
    "128, connect: the connections",
    [1, MAX_CONNECTIONS],
  ),
  connectTimeoutSeconds: seconds("--connect-timeout <seconds>", "for one handshake", "10", 0.01),
  close: {
    kind: toggle,
    flag: "--close",
    summary: "connect: close with a closing handshake",
    fallback: "drop",
  },
  pid: number("--pid <number>", "the server's process: report its CPU time and memory (Linux)", "none", [
    1,
    2 ** 31,
  ]),
  allowRemote: {
    kind: toggle,
    flag: "--allow-remote",
    summary: "take targets that aren't loopback addresses",
    fallback: "refuse",
  },
  insecure: { kind: toggle, flag: "--insecure", summary: "take any certificate", fallback: "check" },
});

function number(
  flag: string,
  summary: string,
  fallback: string,
  [least, most]: readonly [least: number, most: number],
): BenchSetting {
  return { kind: wholeNumber(least, most), flag, summary, fallback };
}

function seconds(flag: string, summary: string, fallback: string, least: number): BenchSetting {
  return { kind: decimal(least, DAY_SECONDS), flag, summary, fallback };
}

/** A number that need not be whole, both bounds included. */
function decimal(least: number, most: number): SettingKind<number> {
  const fromValue = (value: unknown): number | undefined =>
    typeof value === "number" && value >= least && value <= most ? value : undefined;
  return {
    expects: `a number from ${least} to ${most}`,
    placeholder: "number",
    fromText: (given) => (/^\d{1,16}(\.\d{1,9})?$/.test(given) ? fromValue(Number(given)) : undefined),
    fromValue,
  };
}
