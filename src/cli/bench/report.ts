import { printable } from "../printable.ts";
import type { BenchResult, Latency, ServerFigures } from "./result.ts";

type Row = readonly [name: string, ...cells: string[]];

const SHOWN_REASONS = 5;

/** What a person reads in the end. */
export function formatReport(result: BenchResult): string {
  const rows: Row[] = [
    ...connectionRows(result),
    ...messageRows(result),
    ...serverRows(result),
    [
      "generator",
      `${generatorLoad(result)} of a core`,
      plural(result.generator.processes, "process", "processes"),
    ],
  ];
  const latency =
    result.latencyMs === undefined ? [] : ["", ...latencyTable(result.latencyMs, latencyName(result))];
  return `${[title(result), "", ...alignRows(rows), ...latency].join("\n")}\n`;
}

function title({ mode, url, seconds, options, interrupted }: BenchResult): string {
  const warmup = options.warmupSeconds > 0 ? ` after ${options.warmupSeconds} s of warm-up` : "";
  return `${mode}  ${url}  ${seconds.toFixed(1)} s${warmup}${interrupted ? ", interrupted" : ""}`;
}

function connectionRows({ connections, connectPerSecond, mode, reasons }: BenchResult): Row[] {
  const { requested, open, refused, closed } = connections;
  const opened = `${whole(open)} of ${whole(requested)}`;
  const rows: Row[] = [["connections", opened, `${whole(refused)} refused`, `${whole(closed)} closed`]];
  const commonest = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  for (const [reason, count] of commonest.slice(0, SHOWN_REASONS)) {
    rows.push(["", `${whole(count)} x ${printable(reason)}`]);
  }
  if (connectPerSecond !== undefined) {
    rows.push(["handshakes", `${whole(connectPerSecond)} /s`, mode === "connect" ? "" : "while opening"]);
  }
  return rows;
}

function messageRows(result: BenchResult): Row[] {
  if (result.mode === "connect" || result.mode === "idle") return [];
  const { sent, received, expected, rates, rounds } = result;
  const rows: Row[] = [
    ["sent", `${whole(rates.sentPerSecond)} /s`, `${whole(sent)} in all`],
    [
      "received",
      `${whole(rates.receivedPerSecond)} /s`,
      `${whole(received)} in all`,
      `${(rates.bytesInPerSecond / 1e6).toFixed(1)} MB/s`,
    ],
  ];
  if (expected !== undefined && expected > 0) {
    rows.push(["delivered", `${((received / expected) * 100).toFixed(2)} %`, `of ${whole(expected)}`]);
  }
  if (rounds !== undefined) {
    rows.push([
      "rounds",
      whole(rounds.completed),
      ...(rounds.stalled > 0 ? [`${whole(rounds.stalled)} stalled`] : []),
    ]);
  }
  return rows;
}

function serverRows({ server, mode, seconds }: BenchResult): Row[] {
  if (server === undefined) return [];
  const { cpuSeconds, cpuMicrosPerMessage, rssBeforeBytes, rssAfterBytes, peakRssBytes } = server;
  const each = mode === "connect" ? "handshake" : mode === "echo" ? "message" : "delivery";
  const share = seconds > 0 ? `${((cpuSeconds / seconds) * 100).toFixed(0)} % of a core` : "";
  const perMessage = cpuMicrosPerMessage === undefined ? [] : [`${digits(cpuMicrosPerMessage)} µs a ${each}`];
  return [
    ["server CPU", `${cpuSeconds.toFixed(2)} s`, share, ...perMessage],
    [
      "server memory",
      `${megabytes(rssBeforeBytes)} before`,
      `${megabytes(rssAfterBytes)} after`,
      `${megabytes(peakRssBytes)} at most`,
      ...memoryEach(server),
    ],
  ];
}

function memoryEach({ bytesPerConnection }: ServerFigures): string[] {
  return bytesPerConnection === undefined ? [] : [`${digits(bytesPerConnection / 1024)} KiB a connection`];
}

function generatorLoad({ generator, seconds }: BenchResult): string {
  return seconds > 0 ? `${((generator.cpuSeconds / seconds) * 100).toFixed(0)} %` : "0 %";
}

function latencyName({ mode }: BenchResult): string {
  if (mode === "connect") return "handshake";
  return mode === "fanout" ? "round" : "latency";
}

function latencyTable(latency: Latency, name: string): string[] {
  const names = ["p50", "p90", "p99", "p99.9", "max"];
  const values = [latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map(
    (ms) => `${digits(ms)} ms`,
  );
  const width = Math.max(...values.map((value) => value.length), ...names.map((text) => text.length)) + 2;
  const line = (first: string, cells: readonly string[]): string =>
    `${first.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(width)).join("")}`;
  return [line(name, names), line("", values)];
}

const NAME_WIDTH = 16;

function alignRows(rows: readonly Row[]): string[] {
  const widths: number[] = [];
  for (const [, ...cells] of rows) {
    if (cells.length < 2) continue;
    cells.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map(([name, ...cells]) => {
    const padded = cells.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2));
    return `${name.padEnd(NAME_WIDTH)}${padded.join("")}`.trimEnd();
  });
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function plural(count: number, one: string, several: string): string {
  return `${whole(count)} ${count === 1 ? one : several}`;
}

/** Three digits that say something. */
function digits(value: number): string {
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
