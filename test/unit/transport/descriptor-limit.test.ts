import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { connectionsWithin, descriptorLimit } from "../../../src/transport/descriptor-limit.ts";

const here = new URL("../../../src/transport/descriptor-limit.ts", import.meta.url).href;

/** What a process with this limit of its own finds. Node raises the soft limit to the hard one when it starts. */
function limitUnder(hard: number): number {
  const script = `import { descriptorLimit } from ${JSON.stringify(here)}; console.log(descriptorLimit());`;
  const command = `ulimit -n ${hard} && exec "$0" --import tsx --input-type=module -e "$1"`;
  return Number(execFileSync("/bin/sh", ["-c", command, process.execPath, script], { encoding: "utf8" }));
}

describe("descriptorLimit", () => {
  it("is how many files this process may have open", { skip: process.platform !== "linux" }, () => {
    assert.equal(limitUnder(123), 123);
    assert.equal(limitUnder(456), 456);
  });

  it("is a number from which one can calculate, whatever the platform", () => {
    assert.ok(Number.isSafeInteger(descriptorLimit()));
    assert.ok(descriptorLimit() > 0);
  });
});

describe("connectionsWithin", () => {
  it("keeps 5 % of the descriptors for other things, but at least 32 and at most 1,024", () => {
    assert.equal(connectionsWithin(10_000), 9_500);
    assert.equal(connectionsWithin(1_000), 950);
    assert.equal(connectionsWithin(200), 168);
    assert.equal(connectionsWithin(64), 32);
    assert.equal(connectionsWithin(1_000_000), 998_976);
  });

  it("leaves one, however few there are", () => {
    assert.equal(connectionsWithin(33), 1);
    assert.equal(connectionsWithin(10), 1);
  });
});
