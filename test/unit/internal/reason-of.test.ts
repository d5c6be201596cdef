import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reasonOf } from "../../../src/internal/reason-of.ts";

describe("reasonOf", () => {
  it("is the message, without its full stop", () => {
    assert.equal(reasonOf(new Error("connect ECONNREFUSED ::1:1")), "connect ECONNREFUSED ::1:1");
    assert.equal(reasonOf(new Error("It is so.")), "It is so");
  });

  it("is made of the parts where there is no message for all", () => {
    assert.equal(reasonOf(new AggregateError([new Error("one"), new Error("two")])), "one; two");
    assert.equal(reasonOf(new AggregateError([new Error("one")], "all")), "all");
  });

  it("is the code, or else the name, where there is no message", () => {
    assert.equal(reasonOf(Object.assign(new Error(""), { code: "EPIPE" })), "EPIPE");
    assert.equal(reasonOf(new TypeError()), "TypeError");
    assert.equal(reasonOf(new Error("")), "no reason was given");
  });

  it("has words for whatever was thrown", () => {
    assert.equal(reasonOf("a sentence"), "a sentence");
    assert.equal(reasonOf(undefined), "undefined");
    assert.equal(reasonOf(""), "no reason was given");
  });
});
