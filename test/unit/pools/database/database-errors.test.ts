import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SluiceError } from "../../../../src/errors/index.ts";
import { DatabaseErrors } from "../../../../src/pools/database/database-errors.ts";
import { TooManyRows } from "../../../../src/pools/database/driver.ts";
import { FakeDatabaseDriver, FakeFailure } from "../../../support/fake-database-driver.ts";

const errors = new DatabaseErrors("test", new FakeDatabaseDriver());

describe("DatabaseErrors", () => {
  for (const [kind, code] of [
    ["unreachable", "SLUICE_UNREACHABLE"],
    ["lost", "SLUICE_CONNECTION_LOST"],
    ["credentials", "SLUICE_CREDENTIALS_REFUSED"],
    ["conflict", "SLUICE_TRANSACTION_CONFLICT"],
    ["cancelled", "SLUICE_QUERY_CANCELLED"],
    ["constraint", "SLUICE_CONSTRAINT_VIOLATED"],
    ["statement", "SLUICE_QUERY_FAILED"],
  ] as const) {
    it(`gives what is ${kind} the code ${code}, with all details and the cause`, () => {
      const failure = new FakeFailure(kind, "what the server said");
      const coded = errors.coded(failure, errors.kind(failure));
      assert.equal(coded.code, code);
      assert.equal(coded.cause, failure);
      assert.ok(!coded.message.includes("{"), coded.message);
      if (kind !== "cancelled") assert.match(coded.message, /what the server said/);
    });
  }

  it("leaves errors that have a code, and knows no kind of them", () => {
    const coded = new SluiceError("SLUICE_DRIVER_MISSING");
    assert.equal(errors.kind(coded), undefined);
    assert.equal(errors.coded(coded, undefined), coded);
    assert.equal(errors.kind(new TooManyRows()), undefined);
  });

  it("tells why work was stopped", () => {
    const cause = new Error("mine");
    const stopped = (reason: "timeout" | "abort" | "closed"): SluiceError =>
      errors.stopped({ reason, timeoutMs: 50, cause: reason === "abort" ? cause : undefined });
    assert.equal(stopped("timeout").code, "SLUICE_QUERY_TIMEOUT");
    assert.match(stopped("timeout").message, /test was at it for 50 ms/);
    assert.equal(stopped("closed").code, "SLUICE_POOL_CLOSED");
    assert.equal(stopped("abort").code, "SLUICE_QUERY_CANCELLED");
    assert.equal(stopped("abort").cause, cause);
  });

  it("has sentences for all else", () => {
    for (const [error, code] of [
      [errors.tooManyRows(5, undefined), "SLUICE_TOO_MANY_ROWS"],
      [errors.unreachable("down"), "SLUICE_UNREACHABLE"],
      [errors.commitUnknown(new Error("reset")), "SLUICE_COMMIT_UNKNOWN"],
      [errors.conflict(4, new Error("deadlock")), "SLUICE_TRANSACTION_CONFLICT"],
    ] as const) {
      assert.equal(error.code, code);
      assert.ok(!error.message.includes("{"), error.message);
    }
  });
});
