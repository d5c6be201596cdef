import type { Server } from "../server/index.ts";
import { quantity } from "./quantity.ts";

/** What the banner says beside what the server itself knows. */
export interface BannerFacts {
  readonly version: string;
  readonly page: boolean;
  readonly maxMessageBytes: number;
  readonly drainMs: number;
}

/** Where everything is, for the person who started it. */
export function banner(server: Server, { version, page, maxMessageBytes, drainMs }: BannerFacts): string {
  const sockets = server.url;
  const http = sockets.replace(/^ws/, "http");
  const { maxConnections, maxBufferedBytes } = server.limits;
  const lines: [string, string][] = [
    ...(page ? [["page", `${http}/`] as [string, string]] : []),
    ["echo", `${sockets}/echo`],
    ["groups", `${sockets}/group/NAME`],
    ["health", `${http}/health`],
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return [
    `Sluice ${version} is listening on ${server.addresses.join(" and ")} (pid ${process.pid})`,
    "",
    ...lines.map(([name, where]) => `  ${name.padEnd(width)}${where}`),
    "",
    `  At most ${maxConnections.toLocaleString("en")} connections, ${quantity(maxMessageBytes)} a message, ${quantity(maxBufferedBytes)} buffered in all.`,
    `  Ctrl-C drains for at most ${drainMs / 1000} s, a second one ends at once.`,
    "",
  ].join("\n");
}
