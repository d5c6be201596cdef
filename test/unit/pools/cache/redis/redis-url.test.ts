import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRedisUrl } from "../../../../../src/pools/cache/redis/redis-url.ts";

describe("parseRedisUrl", () => {
  it("reads all of its parts", () => {
    assert.deepEqual(parseRedisUrl(new URL("rediss://us%40er:p%3Ass@cache.example:7000/3")), {
      host: "cache.example",
      port: 7000,
      isTls: true,
      username: "us@er",
      password: "p:ss",
      database: 3,
    });
  });

  it("needs no more than a host", () => {
    const target = { port: 6379, isTls: false, username: undefined, password: undefined, database: 0 };
    assert.deepEqual(parseRedisUrl(new URL("redis://localhost")), { host: "localhost", ...target });
    assert.deepEqual(parseRedisUrl(new URL("redis://[::1]/")), { host: "::1", ...target });
    assert.equal(parseRedisUrl(new URL("redis://:secret@h")).password, "secret");
  });

  for (const url of [
    "redis:",
    "redis:///1",
    "redis://:secret@h/one",
    "redis://:secret@h/1/2",
    "redis://:secret@h/99999",
    "redis://:secret@h?db=1",
    "redis://:secret@h#1",
    "redis://:secret%zz@h",
  ]) {
    it(`refuses ${url} without its password`, () => {
      assert.throws(
        () => parseRedisUrl(new URL(url)),
        (error: Error & { code: string }) => {
          assert.equal(error.code, "SLUICE_INVALID_URL");
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});
