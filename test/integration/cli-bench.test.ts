import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { WebSocketServer } from "ws";
import type { BenchResult } from "../../src/cli/bench/index.ts";
import { CliProcess, startServe } from "../support/cli-process.ts";
import { portOf } from "../support/port-of.ts";

async function startEcho(t: TestContext): Promise<string> {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(sockets, "listening");
  sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data.toString())));
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  return `ws://127.0.0.1:${(sockets.address() as { port: number }).port}/`;
}

test("a table is for people", async (t) => {
  const url = await startEcho(t);
  const bench = new CliProcess(t, ["bench", url, "-c", "5", "-d", "0.2", "--warmup", "0"]);
  assert.equal(await bench.exit(), 0);
  assert.match(bench.stdout, /^echo {2}ws:\/\/127\.0\.0\.1:\d+\/ {2}0\.2 s\n/);
  assert.match(bench.stdout, /\nconnections +5 of 5 +0 refused +0 closed\n/);
  assert.match(bench.stdout, /\nlatency +p50 +p90 +p99 +p99\.9 +max\n( +[\d.]+ ms){5}\n$/);
  assert.equal(bench.stderr, "");
});

test("against Sluice itself, groups and all, with its process watched", async (t) => {
  const { serve, port } = await startServe(t);
  const argv = [
    "--mode",
    "rate",
    "--groups",
    "2",
    "--rate",
    "200",
    "-c",
    "10",
    "-d",
    "0.3",
    "--warmup",
    "0.1",
  ];
  const watched = process.platform === "linux" ? ["--pid", String(serve.child.pid)] : [];
  const bench = new CliProcess(t, [
    "bench",
    `ws://127.0.0.1:${port}/group/%r`,
    ...argv,
    ...watched,
    "--json",
  ]);
  assert.equal(await bench.exit(), 0);
  const result = JSON.parse(bench.stdout) as BenchResult;
  assert.equal(result.mode, "rate");
  assert.equal(result.expected, result.sent * 5);
  assert.equal(result.received, result.expected);
  assert.equal(result.server !== undefined, watched.length > 0);
});

test("the exit code is 1 if connections were refused", async (t) => {
  const server = createServer();
  const port = await portOf(server);
  server.close();
  await once(server, "close");
  const bench = new CliProcess(t, ["bench", `ws://127.0.0.1:${port}/`, "-c", "3"]);
  assert.equal(await bench.exit(), 1);
  assert.match(bench.stdout, /0 of 3 +3 refused/);
  assert.match(bench.stdout, /3 x ECONNREFUSED/);
});

for (const [what, argv] of [
  ["a wrong flag", ["ws://localhost/", "--depth", "none"]],
  ["an unknown one", ["ws://localhost/", "--deep"]],
  ["another machine", ["ws://192.0.2.1/"]],
] as const) {
  test(`the exit code is 2 for ${what}`, async (t) => {
    const bench = new CliProcess(t, ["bench", ...argv]);
    assert.equal(await bench.exit(), 2);
    assert.equal(bench.stdout, "");
    assert.notEqual(bench.stderr, "");
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends it, and what was measured is told`, async (t) => {
    let messages = 0;
    const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(sockets, "listening");
    t.after(() => sockets.close());
    const reached = new Promise<void>((resolve) => {
      sockets.on("connection", (socket) =>
        socket.on("message", (data) => {
          socket.send(data.toString());
          if (++messages > 200) resolve();
        }),
      );
    });
    const { port } = sockets.address() as { port: number };
    const argv = ["-c", "2", "-d", "600", "--warmup", "0", "--json"];
    const bench = new CliProcess(t, ["bench", `ws://127.0.0.1:${port}/`, ...argv]);
    await reached;
    bench.child.kill(signal);
    assert.equal(await bench.exit(), 0);
    const result = JSON.parse(bench.stdout) as BenchResult;
    assert.equal(result.interrupted, true);
    assert.equal(result.connections.closed, 0);
  });
}

test("the help says what templates, modes and exit codes mean", async (t) => {
  const bench = new CliProcess(t, ["bench", "--help"]);
  assert.equal(await bench.exit(), 0);
  for (const text of [
    "--hello",
    "%t is the time marker",
    "echo is a closed loop",
    "Exit codes: 0 all went well",
  ]) {
    assert.ok(bench.stdout.includes(text), text);
  }
});
