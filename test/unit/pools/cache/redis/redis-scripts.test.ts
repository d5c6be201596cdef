import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { HEADER_BYTES } from "../../../../../src/pools/cache/redis/envelope.ts";
import { claimScript, redisScripts } from "../../../../../src/pools/cache/redis/redis-scripts.ts";

// What they do is seen with a real Redis.
describe("the scripts", () => {
  it("are known by their hashes and their names", () => {
    for (const { text, sha } of redisScripts)
      assert.equal(sha, createHash("sha1").update(text).digest("hex"));
    assert.deepEqual(
      redisScripts.map(({ name }) => name),
      ["claim", "renew", "store", "release"],
    );
  });

  it("compare all of a header", () => {
    assert.ok(claimScript.text.includes(`string.sub(value, 1, ${HEADER_BYTES})`));
  });
});
