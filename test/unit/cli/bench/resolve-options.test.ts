import assert from "node:assert/strict";
import { test } from "node:test";
import type { BenchOptions } from "../../../../src/cli/bench/options.ts";
import { processesFor, resolveBenchOptions } from "../../../../src/cli/bench/resolve-options.ts";

const url = "ws://localhost:8765/echo";

test("what isn't given has a default", () => {
  assert.deepEqual(resolveBenchOptions({ url }), {
    url,
    mode: "echo",
    connections: 100,
    durationSeconds: 10,
    warmupSeconds: 1,
    depth: 1,
    size: 20,
    rate: 1000,
    groups: 1,
    hasGroups: false,
    message: "%t%p",
    hello: [],
    subprotocols: [],
    headers: {},
    slow: 0,
    binary: false,
    processes: 1,
    concurrency: 128,
    connectTimeoutSeconds: 10,
    close: false,
    allowRemote: false,
    insecure: false,
  });
});

test("some defaults depend on the mode", () => {
  assert.equal(resolveBenchOptions({ url, mode: "idle" }).warmupSeconds, 0);
  assert.equal(resolveBenchOptions({ url, mode: "connect", connections: 7 }).concurrency, 7);
  assert.equal(resolveBenchOptions({ url, mode: "fanout" }).hasGroups, true);
  assert.equal(resolveBenchOptions({ url, mode: "rate", groups: 1 }).hasGroups, true);
  assert.equal(resolveBenchOptions({ url, mode: "rate" }).hasGroups, false);
});

test("what is given goes before that, and undefined counts as not given", () => {
  const given = { url, mode: "idle", warmupSeconds: 2, depth: undefined, pid: 5, answer: "a=b=c" };
  const resolved = resolveBenchOptions(given as unknown as BenchOptions);
  assert.equal(resolved.warmupSeconds, 2);
  assert.equal(resolved.depth, 1);
  assert.equal(resolved.pid, 5);
  assert.deepEqual(resolved.answer, { prompt: "a", reply: "b=c" });
});

test("there are as many processes as the connections need", () => {
  assert.equal(processesFor(1, 20_000), 1);
  assert.equal(processesFor(15_000, 20_000), 1);
  assert.equal(processesFor(15_001, 20_000), 2);
  assert.equal(processesFor(2_000, 1_024), 3);
  assert.equal(processesFor(10, 50), 10);
  assert.equal(resolveBenchOptions({ url, connections: 2, processes: 8 }).processes, 2);
});

const refused: [what: string, options: Partial<Record<keyof BenchOptions, unknown>>, problem: RegExp][] = [
  ["an unknown mode", { mode: "flood" }, /mode: it must be one of echo, fanout, rate, connect, idle/],
  ["no connections", { connections: 0 }, /connections: it must be a whole number from 1/],
  ["half a connection", { connections: 1.5 }, /connections/],
  ["a text for a number", { depth: "3" }, /depth/],
  ["a duration of nothing", { durationSeconds: 0 }, /durationSeconds: it must be a number from 0.05/],
  ["a rate below zero", { rate: -1 }, /rate/],
  ["a rate that is no number", { rate: Number.NaN }, /rate/],
  ["more groups than connections", { connections: 2, groups: 3 }, /groups: there are fewer connections/],
  ["more slow ones than connections", { connections: 2, slow: 3 }, /slow: there are fewer connections/],
  ["too much outstanding", { size: 32 * 1024 * 1024, depth: 4 }, /size: with its depth/],
  ["a message without a time, for echo", { message: "hi" }, /message: it needs a time marker/],
  ["the same, for rate", { mode: "rate", message: "%p" }, /message: it needs a time marker/],
  ["an unknown placeholder", { message: "%t%q" }, /"%q" means nothing/],
  ["one in a greeting", { hello: ["%z"] }, /option hello/],
  ["an answer without a reply", { answer: "2" }, /answer: it must be RECEIVED=REPLY/],
  ["an answer to nothing", { answer: "=3" }, /answer/],
  ["an answer to a long message", { answer: `${"x".repeat(65)}=3` }, /answer/],
  ["an empty message", { message: "" }, /message/],
];
for (const [what, options, problem] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(() => resolveBenchOptions({ url, ...options } as BenchOptions), {
      code: "SLUICE_INVALID_OPTION",
      message: problem,
    });
  });
}

test("a message without a time is fine where nothing is timed by it", () => {
  assert.equal(resolveBenchOptions({ url, mode: "fanout", message: "hi" }).message, "hi");
});
