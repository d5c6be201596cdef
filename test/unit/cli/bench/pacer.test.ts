import assert from "node:assert/strict";
import { test } from "node:test";
import { Pacer } from "../../../../src/cli/bench/pacer.ts";
import { turns, waitFor } from "../../../support/wait-for.ts";

test("the function is called turn by turn while something is due soon", async () => {
  let calls = 0;
  const pacer = new Pacer(
    () => 1000,
    (now) => {
      assert.equal(now, 1000);
      calls++;
      return 1000;
    },
  );
  pacer.start();
  await turns(5);
  pacer.stop();
  assert.ok(calls >= 5, `${calls}`);
});

test("it is called, if more rarely, while nothing is due for long, and however much arrives", async () => {
  let calls = 0;
  const pacer = new Pacer(
    () => 0,
    () => {
      pacer.noteActivity();
      return ++calls % 2 === 0 ? 1e9 : 1000;
    },
  );
  pacer.start();
  await waitFor("four calls", () => calls >= 4);
  pacer.stop();
});

test("once stopped, it isn't called again", async () => {
  let calls = 0;
  const pacer = new Pacer(
    () => 0,
    () => ++calls,
  );
  pacer.start();
  pacer.stop();
  await turns(3);
  assert.equal(calls, 1);
});
