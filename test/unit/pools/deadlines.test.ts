import assert from "node:assert/strict";
import { it } from "node:test";
import { Deadline } from "../../../src/internal/timer-wheel.ts";
import { deadlines } from "../../../src/pools/deadlines.ts";
import { inTime } from "../../support/wait-for.ts";

it("calls a deadline by itself, not before its time", async () => {
  const since = performance.now();
  await inTime(
    "the deadline",
    new Promise<void>((resolve) => {
      class Called extends Deadline {
        override onDeadline(): void {
          resolve();
        }
      }
      deadlines.schedule(new Called(), 60);
    }),
  );
  assert.ok(performance.now() - since >= 60);
});
