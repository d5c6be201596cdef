import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReport } from "../../../../src/cli/bench/report.ts";
import type { BenchResult } from "../../../../src/cli/bench/result.ts";

const result: BenchResult = {
  mode: "rate",
  url: "ws://localhost:8765/group/%r",
  options: {
    connections: 1000,
    durationSeconds: 4,
    warmupSeconds: 1,
    depth: 1,
    size: 20,
    rate: 2000,
    groups: 20,
    slow: 0,
  },
  connections: { requested: 1000, open: 998, refused: 2, closed: 1 },
  reasons: { "closed with 1011": 1, "HTTP 503 Busy": 2 },
  seconds: 4,
  sent: 8000,
  received: 399_000,
  expected: 400_000,
  rates: { sentPerSecond: 2000, receivedPerSecond: 99_750, bytesInPerSecond: 2_200_000 },
  latencyMs: { p50: 0.61, p90: 1.5, p99: 12.34, p999: 99.9, max: 123.4 },
  connectPerSecond: 5123.4,
  server: {
    cpuSeconds: 1.25,
    rssBeforeBytes: 50e6,
    rssAfterBytes: 52e6,
    peakRssBytes: 60e6,
    cpuMicrosPerMessage: 3.1,
    bytesPerConnection: 2048,
  },
  generator: { cpuSeconds: 2, processes: 1 },
};

test("all that was measured is told", () => {
  assert.equal(
    formatReport(result),
    `rate  ws://localhost:8765/group/%r  4.0 s after 1 s of warm-up

connections     998 of 1,000    2 refused       1 closed
                2 x HTTP 503 Busy
                1 x closed with 1011
handshakes      5,123 /s        while opening
sent            2,000 /s        8,000 in all
received        99,750 /s       399,000 in all  2.2 MB/s
delivered       99.75 %         of 400,000
server CPU      1.25 s          31 % of a core  3.10 µs a delivery
server memory   50.0 MB before  52.0 MB after   60.0 MB at most     2.00 KiB a connection
generator       50 % of a core  1 process

latency                p50       p90       p99     p99.9       max
                  0.610 ms   1.50 ms   12.3 ms   99.9 ms    123 ms
`,
  );
});

test("what wasn't measured isn't mentioned", () => {
  const { server, latencyMs, connectPerSecond, expected, ...rest } = result;
  const idle: BenchResult = {
    ...rest,
    mode: "idle",
    reasons: {},
    options: { ...rest.options, warmupSeconds: 0 },
    seconds: 0,
    interrupted: true,
  };
  const text = formatReport(idle);
  assert.match(text, /^idle {2}ws:\S+ {2}0\.0 s, interrupted\n/);
  assert.doesNotMatch(text, /server|sent|received|latency|NaN|undefined|Infinity/);
});

test("rounds and handshakes have latencies of their own name", () => {
  const fanout = formatReport({ ...result, mode: "fanout", rounds: { completed: 12, stalled: 3 } });
  assert.match(fanout, /\nrounds +12 +3 stalled\n/);
  assert.match(fanout, /\nround +p50/);
  const connect = formatReport({ ...result, mode: "connect" });
  assert.match(connect, /\nhandshakes +5,123 \/s\n/);
  assert.match(connect, /\nhandshake +p50/);
  assert.match(connect, /µs a handshake/);
});

test("of many reasons, the commonest are told; they come from the server, and can't write to the terminal", () => {
  const reasons = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`HTTP 50${at}`, at + 1]));
  const text = formatReport({ ...result, reasons: { ...reasons, "HTTP 500 \x1b[2J": 100 } });
  assert.match(text, /100 x HTTP 500 \\x1b\[2J\n/);
  assert.match(text, /9 x HTTP 508\n/);
  assert.doesNotMatch(text, /HTTP 501\n/);
});
