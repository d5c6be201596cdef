import assert from "node:assert/strict";
import { it } from "node:test";
import { ConnectError, LostError } from "../../../../../src/pools/database/servers/connection-errors.ts";

it("says why", () => {
  assert.equal(
    new ConnectError(new Error("connect ECONNREFUSED ::1:1")).message,
    "connect ECONNREFUSED ::1:1",
  );
  assert.equal(new LostError("a sentence").message, "a sentence");
});

it("keeps its cause", () => {
  const cause = new Error("x");
  assert.equal(new ConnectError(cause).cause, cause);
});
