import assert from "node:assert/strict";
import { it } from "node:test";
import { ConnectError, reasonOf } from "../../../../../src/pools/database/servers/connection-errors.ts";

it("says why, also where Node doesn't", () => {
  const refused = new Error("connect ECONNREFUSED ::1:1");
  assert.equal(reasonOf(refused), "connect ECONNREFUSED ::1:1");
  assert.equal(
    reasonOf(new AggregateError([refused, new Error("connect ECONNREFUSED 127.0.0.1:1")])),
    "connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1",
  );
  assert.equal(reasonOf(Object.assign(new Error(""), { code: "EPIPE" })), "EPIPE");
  assert.equal(reasonOf("a sentence"), "a sentence");
  assert.equal(reasonOf(undefined), "undefined");
});

it("keeps its cause", () => {
  const cause = new Error("x");
  assert.equal(new ConnectError(cause).cause, cause);
});
