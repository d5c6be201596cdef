import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "../../../../src/cli/bench/histogram.ts";
import type { BenchOptions } from "../../../../src/cli/bench/options.ts";
import { resolveBenchOptions } from "../../../../src/cli/bench/resolve-options.ts";
import { type BenchResult, benchResult } from "../../../../src/cli/bench/result.ts";
import type { ProcessUsage } from "../../../../src/cli/bench/server-process.ts";
import type { WorkerResult } from "../../../../src/cli/bench/worker-messages.ts";

function worker(changes: Partial<WorkerResult> = {}, latencies: readonly number[] = []): WorkerResult {
  const histogram = new Histogram();
  for (const latency of latencies) histogram.record(latency);
  return {
    requested: 10,
    opened: 9,
    refused: 1,
    closed: 2,
    reasons: { "HTTP 503": 1 },
    openingSeconds: 0.5,
    seconds: 2,
    sent: 100,
    sentInWindow: 110,
    expected: 200,
    received: 190,
    receivedInWindow: 180,
    bytesIn: 4000,
    openedInWindow: 0,
    rounds: { completed: 0, stalled: 0 },
    latency: histogram.toData(),
    cpuSeconds: 0.25,
    ...changes,
  };
}

const usage: ProcessUsage = {
  cpuSeconds: 0.9,
  rssBeforeBytes: 1_000_000,
  rssAfterBytes: 1_140_000,
  peakRssBytes: 2_000_000,
};

interface Parts {
  readonly options?: Partial<BenchOptions>;
  readonly usage?: ProcessUsage;
  readonly interrupted?: boolean;
}

function resultOf(
  workers: readonly WorkerResult[],
  { options, usage: used, interrupted = false }: Parts = {},
): BenchResult {
  const resolved = resolveBenchOptions({ url: "ws://localhost", connections: 20, processes: 2, ...options });
  return benchResult({ options: resolved, workers, usage: used, interrupted });
}

test("what the processes report is joined", () => {
  const result = resultOf([
    worker({}, [1000, 2000]),
    worker({ openingSeconds: 1, reasons: { "HTTP 503": 2, late: 1 } }, [9000]),
  ]);
  assert.deepEqual(result.connections, { requested: 20, open: 18, refused: 2, closed: 4 });
  assert.deepEqual(result.reasons, { "HTTP 503": 3, late: 1 });
  assert.deepEqual([result.sent, result.received, result.expected], [200, 380, 400]);
  assert.deepEqual(result.rates, { sentPerSecond: 110, receivedPerSecond: 180, bytesInPerSecond: 4000 });
  assert.equal(result.latencyMs?.max, 9);
  assert.ok(Math.abs((result.latencyMs?.p50 ?? 0) - 2) < 0.02);
  assert.equal(result.connectPerSecond, 18);
  assert.deepEqual(result.generator, { cpuSeconds: 0.5, processes: 2 });
  assert.equal(result.seconds, 2);
  assert.ok(!("interrupted" in result) && !("server" in result) && !("rounds" in result));
});

test("the server's CPU time is by delivery, its memory by connection that is still open", () => {
  const { server } = resultOf([worker(), worker()], { usage });
  assert.equal(server?.cpuMicrosPerMessage, 0.9e6 / 360);
  assert.equal(server?.bytesPerConnection, 140_000 / 14);
  assert.equal(server?.peakRssBytes, 2_000_000);
});

test("for fan-out, deliveries are those that came in time; rounds that processes share are whole ones", () => {
  const third = { completed: 1 / 3 + 7 / 3, stalled: 1 / 3 };
  const result = resultOf(
    [1, 2, 3].map(() => worker({ rounds: third })),
    { options: { mode: "fanout" } },
  );
  assert.equal(result.received, 540);
  assert.deepEqual(result.rounds, { completed: 8, stalled: 1 });
  assert.ok(!("expected" in result));
});

test("for connect, handshakes are what counts", () => {
  const result = resultOf([worker({ openedInWindow: 300 })], { options: { mode: "connect" }, usage });
  assert.equal(result.connectPerSecond, 150);
  assert.equal(result.server?.cpuMicrosPerMessage, 3000);
  assert.equal(result.server?.bytesPerConnection, undefined);
});

test("a run in which nothing happened has no rates to divide by nothing", () => {
  const nothing = worker({
    opened: 0,
    closed: 0,
    seconds: 0,
    openingSeconds: 0,
    sentInWindow: 0,
    receivedInWindow: 0,
    bytesIn: 0,
  });
  const result = resultOf([nothing], { usage, interrupted: true });
  assert.deepEqual(result.rates, { sentPerSecond: 0, receivedPerSecond: 0, bytesInPerSecond: 0 });
  assert.equal(result.latencyMs, undefined);
  assert.equal(result.connectPerSecond, undefined);
  assert.equal(result.server?.cpuMicrosPerMessage, undefined);
  assert.equal(result.server?.bytesPerConnection, undefined);
  assert.equal(result.interrupted, true);
});
