import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { monotonicMicros, runClock } from "../../../../src/cli/bench/clock.ts";

test("the clock is the machine's monotonic one, so that another process agrees", () => {
  const before = monotonicMicros();
  const { stdout } = spawnSync(process.execPath, ["-p", "process.hrtime.bigint() / 1000n"], {
    encoding: "utf8",
  });
  const after = monotonicMicros();
  const there = Number(stdout.trim().replace("n", ""));
  assert.ok(there >= before - 1 && there <= after, `${before} ${there} ${after}`);
});

test("a run's clock begins at its epoch", () => {
  const now = monotonicMicros();
  const clock = runClock(now - 5_000_000);
  const read = clock();
  assert.ok(read >= 5_000_000 && read <= 5_000_000 + (monotonicMicros() - now));
});
