import assert from "node:assert/strict";
import { test } from "node:test";
import { untilQuiet } from "../../../../src/cli/bench/quiet.ts";

test("it ends when nothing happens any more", async () => {
  let activity = 0;
  let looks = 0;
  const busy = (): number => {
    looks++;
    if (looks < 5) activity++;
    return activity;
  };
  await untilQuiet({ idleMs: 30, atMostMs: 60_000 }, busy);
  assert.ok(looks >= 5);
});

test("it ends in any case", async () => {
  let activity = 0;
  await untilQuiet({ idleMs: 60_000, atMostMs: 60 }, () => activity++);
});

test("it ends at once if nothing more can happen", async () => {
  await untilQuiet(
    { idleMs: 60_000, atMostMs: 60_000 },
    () => 0,
    () => true,
  );
});
