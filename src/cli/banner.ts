import type { Server } from "../server/index.ts";
import { quantity } from "./quantity.ts";

/** What the banner says beside what the server itself knows. */
export interface BannerFacts {
  readonly version: string;
  readonly page: boolean;
  /** Whether `/query` is served. */
  readonly query: boolean;
  /** Where the chat keeps its messages. */
  readonly keptIn: string;
  readonly maxMessageBytes: number;
  readonly drainMs: number;
}

/** Where everything is, for the person who started it. */
export function banner(server: Server, facts: BannerFacts): string {
  const { version, page, query, maxMessageBytes, drainMs } = facts;
  const sockets = server.url;
  const http = sockets.replace(/^ws/, "http");
  const { maxConnections, maxBufferedBytes } = server.limits;
  const lines: [string, string][] = [
    ...(page ? [["page", `${http}/`] as [string, string]] : []),
    ["echo", `${sockets}/echo`],
    ["groups", `${sockets}/group/NAME`],
    ...(page ? [["chat", `${sockets}/chat`] as [string, string]] : []),
    ...(query ? [["query", `${sockets}/query`] as [string, string]] : []),
    ["health", `${http}/health`],
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return [
    `Sluice ${version} is listening on ${server.addresses.join(" and ")} (pid ${process.pid})`,
    "",
    ...lines.map(([name, where]) => `  ${name.padEnd(width)}${where}`),
    "",
    `  At most ${maxConnections.toLocaleString("en")} connections, ${quantity(maxMessageBytes)} a message, ${quantity(maxBufferedBytes)} buffered in all.`,
    ...(page ? [`  ${chatNote(facts.keptIn)}`] : []),
    `  Ctrl-C drains for at most ${drainMs / 1000} s, a second one ends at once.`,
    "",
  ].join("\n");
}

function chatNote(keptIn: string): string {
  if (keptIn !== "memory") return `The chat is kept in the database (${keptIn}).`;
  return "The chat is kept in memory, and gone with this process; --database sqlite:chat.db keeps it.";
}
