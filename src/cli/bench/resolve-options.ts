import { invalidOption } from "../../errors/index.ts";
import { descriptorLimit } from "../../transport/index.ts";
import { quoted } from "../printable.ts";
import { MAX_PROMPT_BYTES } from "./frame-scanner.ts";
import type { BenchOptions, ResolvedBenchOptions } from "./options.ts";
import { benchSettings, MAX_MESSAGE_BYTES } from "./settings.ts";
import { hasPlaceholder, parseTemplate } from "./template.ts";

/** A process takes so many connections, if the limit on open files lets it: its one thread has them all. */
const MAX_CONNECTIONS_A_PROCESS = 15_000;
const RESERVED_DESCRIPTORS = 100;

/** What isn't given; see {@link BenchOptions}. */
const benchDefaults = Object.freeze({
  connections: 100,
  durationSeconds: 10,
  warmupSeconds: 1,
  depth: 1,
  size: 20,
  rate: 1000,
  message: "%t%p",
  hello: [],
  subprotocols: [],
  headers: {},
  slow: 0,
  binary: false,
  concurrency: 128,
  connectTimeoutSeconds: 10,
  close: false,
  allowRemote: false,
  insecure: false,
});

/**
 * Fills the options with their defaults, and checks all of them once.
 *
 * @throws SLUICE_INVALID_OPTION
 */
export function resolveBenchOptions(options: BenchOptions): ResolvedBenchOptions {
  checkEach(options);
  const { answer, groups, processes, ...given } = withoutUndefined(options);
  const { mode = "echo", connections = benchDefaults.connections } = given;
  const filled = {
    ...benchDefaults,
    mode,
    warmupSeconds: mode === "idle" ? 0 : benchDefaults.warmupSeconds,
    concurrency: mode === "connect" ? connections : benchDefaults.concurrency,
    ...given,
    groups: groups ?? 1,
    hasGroups: mode === "fanout" || groups !== undefined,
    processes: Math.min(processes ?? processesFor(connections), connections),
    ...(answer !== undefined && { answer: parseAnswer(answer) }),
  };
  checkTogether(filled);
  return filled;
}

/** A value that is undefined counts as not given. */
function withoutUndefined(options: BenchOptions): BenchOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as BenchOptions;
}

function checkTogether(options: ResolvedBenchOptions): void {
  const { connections, groups, slow, size, depth } = options;
  if (groups > connections) throw invalidOption("groups", "there are fewer connections");
  if (slow > connections) throw invalidOption("slow", "there are fewer connections");
  if (size * depth > MAX_MESSAGE_BYTES) {
    throw invalidOption("size", `with its depth, it may come to ${MAX_MESSAGE_BYTES} bytes on a connection`);
  }
  checkTemplates(options);
}

/** As many processes as so many connections need. */
export function processesFor(connections: number, limit: number = descriptorLimit()): number {
  const each = Math.max(1, Math.min(MAX_CONNECTIONS_A_PROCESS, limit - RESERVED_DESCRIPTORS));
  return Math.ceil(connections / each);
}

function checkEach(options: BenchOptions): void {
  for (const [name, { kind }] of Object.entries(benchSettings)) {
    const given: unknown = options[name as keyof BenchOptions];
    if (given !== undefined && kind.fromValue(given) === undefined) {
      throw invalidOption(name, `it must be ${kind.expects}, not ${quoted(String(given), 80)}`);
    }
  }
}

function checkTemplates({ mode, message, hello }: ResolvedBenchOptions): void {
  const template = parseTemplate(message, "message");
  if ((mode === "echo" || mode === "rate") && !hasPlaceholder(template, "t")) {
    throw invalidOption("message", "it needs a time marker, %t, for its answer to be timed");
  }
  for (const text of hello) parseTemplate(text, "hello");
}

function parseAnswer(text: string): { prompt: string; reply: string } {
  const equals = text.indexOf("=");
  const prompt = text.slice(0, equals);
  if (equals < 1 || Buffer.byteLength(prompt) > MAX_PROMPT_BYTES) {
    throw invalidOption(
      "answer",
      `it must be RECEIVED=REPLY, with at most ${MAX_PROMPT_BYTES} bytes before the "="`,
    );
  }
  return { prompt, reply: text.slice(equals + 1) };
}
