import assert from "node:assert/strict";
import { test } from "node:test";
import { benchSettings } from "../../../../src/cli/bench/settings.ts";

test("seconds and rates need not be whole, within bounds", () => {
  const { durationSeconds, rate } = benchSettings;
  assert.equal(durationSeconds.kind.fromText("0.5"), 0.5);
  assert.equal(durationSeconds.kind.fromText("0.01"), undefined);
  assert.equal(durationSeconds.kind.fromText("1e3"), undefined);
  assert.equal(durationSeconds.kind.fromText("100000"), undefined);
  assert.equal(rate.kind.fromText("40000"), 40_000);
  assert.equal(rate.kind.fromValue(Number.NaN), undefined);
  assert.equal(rate.kind.fromValue("5"), undefined);
});

test("a size may have a unit", () => {
  assert.equal(benchSettings.size.kind.fromText("16KiB"), 16_384);
});

test("each flag is there once", () => {
  const flags = Object.values(benchSettings).map(({ flag }) => /--[\w-]+/.exec(flag)?.[0]);
  assert.equal(new Set(flags).size, flags.length);
});
