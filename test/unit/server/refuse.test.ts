import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HandshakeRefusal, refuse } from "../../../src/server/refuse.ts";

describe("refuse", () => {
  it("makes a refusal", () => {
    const refusal = refuse(401, "Log in first", { "WWW-Authenticate": "Bearer" });
    assert.ok(refusal instanceof HandshakeRefusal);
    assert.deepEqual(
      { ...refusal },
      { status: 401, message: "Log in first", headers: { "WWW-Authenticate": "Bearer" } },
    );
  });

  it("needs no more than a status", () => {
    assert.deepEqual({ ...refuse(403) }, { status: 403, message: "", headers: {} });
  });
});
