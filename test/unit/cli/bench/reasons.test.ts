import assert from "node:assert/strict";
import { test } from "node:test";
import { Reasons } from "../../../../src/cli/bench/reasons.ts";

test("reasons are counted", () => {
  const reasons = new Reasons();
  reasons.count("HTTP 503");
  reasons.count("ECONNRESET");
  reasons.count("HTTP 503");
  assert.deepEqual(reasons.toRecord(), { "HTTP 503": 2, ECONNRESET: 1 });
});

test("a server that always finds another one doesn't fill the memory", () => {
  const reasons = new Reasons();
  for (let number = 0; number < 1000; number++) reasons.count(`reason ${number}`);
  const record = reasons.toRecord();
  assert.equal(Object.keys(record).length, 21);
  assert.equal(record["other reasons"], 980);
});
