import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SluiceError } from "../../../../../src/errors/index.ts";
import { isWrongType, redisError } from "../../../../../src/pools/cache/redis/redis-errors.ts";

const REPLIES = {
  "WRONGPASS invalid username-password pair or user is disabled.": "SLUICE_CREDENTIALS_REFUSED",
  "NOAUTH Authentication required.": "SLUICE_CREDENTIALS_REFUSED",
  "NOPERM User x has no permissions to run the 'get' command": "SLUICE_CREDENTIALS_REFUSED",
  "ERR AUTH <password> called without any password configured": "SLUICE_CREDENTIALS_REFUSED",
  "ERR invalid password": "SLUICE_CREDENTIALS_REFUSED",
  "ERR DB index is out of range": "SLUICE_CREDENTIALS_REFUSED",
  "LOADING Redis is loading the dataset in memory": "SLUICE_UNREACHABLE",
  "MASTERDOWN Link with MASTER is down": "SLUICE_UNREACHABLE",
  "ERR max number of clients reached": "SLUICE_UNREACHABLE",
  "WRONGTYPE Operation against a key": "SLUICE_QUERY_FAILED",
  "OOM command not allowed when used memory > 'maxmemory'.": "SLUICE_QUERY_FAILED",
  "ERR unknown command": "SLUICE_QUERY_FAILED",
} as const;

describe("redisError", () => {
  for (const [message, code] of Object.entries(REPLIES)) {
    it(`is ${code} for ${message}`, () => {
      const cause = new Error(message);
      const error = redisError("cache", { error: cause, phase: "sent", isReply: true });
      assert.equal(error.code, code);
      assert.equal(error.cause, cause);
      assert.match(error.message, /cache/);
    });
  }

  it("tells what can't have been done from what may have been", () => {
    const error = new Error("read ECONNRESET");
    assert.equal(redisError("c", { error, phase: "connecting", isReply: false }).code, "SLUICE_UNREACHABLE");
    assert.equal(redisError("c", { error, phase: "sent", isReply: false }).code, "SLUICE_CONNECTION_LOST");
  });

  it("takes only the server's word for what the server says", () => {
    const error = new Error("NOAUTH says somebody else");
    assert.equal(redisError("c", { error, phase: "sent", isReply: false }).code, "SLUICE_CONNECTION_LOST");
  });

  it("leaves our own as they are", () => {
    const error = new SluiceError("SLUICE_QUERY_TIMEOUT");
    assert.equal(redisError("c", { error, phase: "sent", isReply: false }), error);
  });
});

it("isWrongType knows what the server says of another type", () => {
  const failed = (message: string): SluiceError =>
    redisError("cache", { error: new Error(message), phase: "sent", isReply: true });
  assert.equal(isWrongType(failed("WRONGTYPE Operation against a key")), true);
  for (const other of [failed("ERR WRONGTYPE"), new Error("WRONGTYPE"), undefined])
    assert.equal(isWrongType(other), false);
});
