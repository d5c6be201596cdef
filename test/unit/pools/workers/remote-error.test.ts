import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { SluiceError } from "../../../../src/errors/index.ts";
import { putTogether, takeApart } from "../../../../src/pools/workers/remote-error.ts";

/** As if it had gone to another thread. */
function sent(thrown: unknown): Error & Record<string, unknown> {
  return putTogether(structuredClone(takeApart(thrown))) as Error & Record<string, unknown>;
}

describe("an error that is sent to another thread", () => {
  it("keeps its class if that is JavaScript's own", () => {
    for (const Class of [Error, TypeError, RangeError, SyntaxError, URIError, EvalError, ReferenceError]) {
      const error = new Class("why");
      const copy = sent(error);
      assert.ok(copy instanceof Class, Class.name);
      assert.equal(copy.name, Class.name);
      assert.equal(copy.message, "why");
      assert.equal(copy.stack, error.stack);
      assert.deepEqual(Object.keys(copy), []);
    }
  });

  it("keeps its name, its code, its cause and its own properties", () => {
    const error = new SluiceError("SLUICE_POOL_FULL", { name: "x" }, { cause: { plain: true } });
    const copy = sent(Object.assign(error, { more: [1n], never: () => {}, __proto__: null }));
    assert.equal(copy.name, "SluiceError");
    assert.equal(copy["code"], "SLUICE_POOL_FULL");
    assert.deepEqual(copy.cause, { plain: true });
    assert.deepEqual(copy["more"], [1n]);
    assert.equal("never" in copy, false);
  });

  it("keeps the errors of an AggregateError", () => {
    const copy = sent(new AggregateError([new TypeError("one"), "two"], "both")) as AggregateError &
      Record<string, unknown>;
    assert.ok(copy instanceof AggregateError);
    assert.ok(copy.errors[0] instanceof TypeError);
    assert.equal(copy.errors[1], "two");
  });

  it("may be one of another realm", () => {
    const copy = sent(runInNewContext("new RangeError('far away')"));
    assert.ok(copy instanceof RangeError);
    assert.equal(copy.message, "far away");
  });

  it("may be any other value; what can't be sent is described", () => {
    for (const value of ["text", undefined, null, 12, { a: 1 }]) assert.deepEqual(sent(value), value);
    assert.equal(sent(Symbol("s")), "Symbol(s)");
    assert.equal(sent({ toString: (): never => assert.fail(), f: () => 1 }), "object");
  });

  it("may be built to do harm", () => {
    const circular = new Error("circular");
    circular.cause = circular;
    assert.equal(sent(circular).message, "circular");
    const hostile = new Error("hostile");
    // Node makes the stack when it is first asked for, and looks at the rest then.
    assert.ok(hostile.stack);
    for (const key of ["message", "stack", "name", "cause", "own"]) {
      Object.defineProperty(hostile, key, {
        enumerable: true,
        get: () => {
          throw new Error("no");
        },
      });
    }
    assert.equal(sent(hostile).name, "Error");
    const polluting = new Error("polluting");
    Object.defineProperty(polluting, "__proto__", { value: { polluted: true }, enumerable: true });
    const copy = sent(polluting);
    assert.equal(copy["polluted"], undefined);
    assert.ok(copy instanceof Error);
  });

  it("may be a Proxy, at which nothing can be looked", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.equal(sent(proxy), "object");
    const trap = (): never => assert.fail("trapped");
    const traps = {
      getPrototypeOf: trap,
      get: trap,
      has: trap,
      ownKeys: trap,
      getOwnPropertyDescriptor: trap,
    };
    assert.equal(sent(new Proxy(new Error("x"), traps)), "object");
    const { getPrototypeOf: _, ...others } = traps;
    const error = sent(new Proxy(new Error("x"), others));
    assert.ok(error instanceof Error);
    assert.equal(error.name, "Error");
    const throwing = Object.assign(new AggregateError([], "several"), {
      errors: proxy,
      cause: proxy,
      own: proxy,
    });
    assert.equal(sent(throwing).message, "several");
    let looks = 0;
    const fickle = {
      get own(): number {
        looks += 1;
        return looks > 1 ? assert.fail("looked at twice") : 1;
      },
    };
    assert.deepEqual(sent(fickle), { own: 1 });
  });
});
