import assert from "node:assert/strict";
import { test } from "node:test";
import { CpuMeter } from "../../../../src/cli/bench/cpu-meter.ts";

test("it measures from start to stop, and nothing else", () => {
  const meter = new CpuMeter();
  meter.stop();
  assert.equal(meter.seconds, 0);
  meter.start();
  const begun = process.cpuUsage();
  while (process.cpuUsage(begun).user < 20_000);
  meter.stop();
  const { seconds } = meter;
  assert.ok(seconds >= 0.02, `${seconds}`);
  meter.stop();
  assert.equal(meter.seconds, seconds);
});
