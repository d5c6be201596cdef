import assert from "node:assert/strict";
import { it } from "node:test";
import { banner } from "../../../src/cli/banner.ts";
import type { Server } from "../../../src/server/index.ts";

const server = {
  url: "wss://localhost:9000",
  addresses: ["127.0.0.1:9000", "[::1]:9000"],
  limits: { maxConnections: 19_000, maxBufferedBytes: 1024 ** 3 },
} as unknown as Server;
const facts = {
  version: "1.2.3",
  page: true,
  query: false,
  keptIn: "memory",
  maxMessageBytes: 1024 ** 2,
  drainMs: 10_000,
};

it("the banner says where everything is, and what holds", () => {
  const said = banner(server, facts);
  for (const part of [
    "Sluice 1.2.3",
    `pid ${process.pid}`,
    "127.0.0.1:9000 and [::1]:9000",
    "https://localhost:9000/\n",
    "wss://localhost:9000/echo",
    "wss://localhost:9000/group/NAME",
    "wss://localhost:9000/chat",
    "kept in memory, and gone with this process",
    "https://localhost:9000/health",
    "19,000 connections",
    "1 MiB a message",
    "1 GiB buffered",
    "10 s",
  ]) {
    assert.ok(said.includes(part), `${part} in ${said}`);
  }
  assert.doesNotMatch(said, /query/);
  assert.doesNotMatch(banner(server, { ...facts, page: false }), /page|chat/);
  const withDatabase = banner(server, { ...facts, query: true, keptIn: "postgres" });
  assert.match(withDatabase, /wss:\/\/localhost:9000\/query/);
  assert.match(withDatabase, /kept in the database \(postgres\)/);
});
