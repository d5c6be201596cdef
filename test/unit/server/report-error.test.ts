import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { reportError } from "../../../src/server/report-error.ts";
import type { Connection } from "../../../src/transport/index.ts";
import { fakeEngine, openConnection } from "../../support/fake-connection.ts";

/** What is written to stderr. */
function reported(t: TestContext, error: unknown, socket: Connection | undefined): string {
  let text = "";
  const write = t.mock.method(process.stderr, "write", (chunk: string) => {
    text += chunk;
    return true;
  });
  try {
    reportError(error, socket);
  } finally {
    write.mock.restore();
  }
  return text;
}

function connectionTo(path: string): Connection {
  const { socket } = openConnection(fakeEngine().engine);
  return new Proxy(socket, {
    get: (target, name) =>
      name === "request" ? { path, remoteAddress: "192.0.2.1" } : Reflect.get(target, name, target),
  });
}

describe("reportError", () => {
  it("says where it happened, with the stack", (t) => {
    const socket = connectionTo("/echo");
    const text = reported(t, new Error("broken"), socket);
    assert.match(
      text,
      /^sluice: error in the handler of "\/echo", connection \d+ from 192\.0\.2\.1: Error: broken\n {4}at /,
    );
    assert.ok(text.endsWith("\n"));
  });

  it("knows errors that belong to no connection", (t) => {
    assert.match(
      reported(t, new Error("broken"), undefined),
      /^sluice: error in .*\bauthenticate\b.*: Error: broken\n {4}at /,
    );
  });

  it("takes whatever was thrown", (t) => {
    for (const [thrown, text] of [
      ["a string", '"a string"'],
      [undefined, '"undefined"'],
      [null, '"null"'],
      [42, '"42"'],
      [Symbol("s"), '"Symbol(s)"'],
    ] as const) {
      assert.ok(reported(t, thrown, undefined).includes(text), text);
    }
    for (const thrown of [Object.create(null), { toString: () => assert.fail("on purpose") }]) {
      assert.match(reported(t, thrown, undefined), /^sluice: error in /);
    }
  });

  it("lets no peer write lines of its own, or fill the log", (t) => {
    const path = `/a\r\nsluice: forged\u001b[2J${"x".repeat(10_000)}`;
    const [first = ""] = reported(t, new Error("broken"), connectionTo(path)).split("\n");
    assert.ok(first.includes("\\r\\nsluice: forged\\u001b[2J"));
    assert.ok(first.length < 500);
    // As JSON.parse does, which quotes what it can't read.
    const quoting = reported(t, new SyntaxError("Unexpected token \n\u001b[2J\u009b"), undefined);
    assert.match(quoting, /SyntaxError: Unexpected token \\u000a\\u001b\[2J\\u009b\n {4}at /);
  });

  it("shows an error whose stack has been taken away, or says something else", (t) => {
    const error = new TypeError("broken");
    error.stack = "a stack of its own";
    assert.match(reported(t, error, undefined), /TypeError: broken\na stack of its own/);
    delete error.stack;
    assert.match(reported(t, error, undefined), /TypeError: broken/);
  });
});
