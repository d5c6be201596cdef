import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CallStates, Doomed, FIRST_SLOT } from "../../../../../src/pools/database/sqlite/call-states.ts";

describe("CallStates", () => {
  const slot = FIRST_SLOT;

  it("lets a call be withdrawn as long as it hasn't begun", () => {
    const states = CallStates.ofSize(1);
    states.queue(slot);
    assert.equal(states.withdraw(slot), true);
    assert.equal(states.start(slot), false);
    assert.equal(states.isCancelled(slot), true);
  });

  it("lets a call that has begun only be cancelled", () => {
    const states = CallStates.ofSize(1);
    states.queue(slot);
    assert.equal(states.start(slot), true);
    assert.equal(states.current, slot);
    assert.equal(states.withdraw(slot), false);
    assert.equal(states.isCancelled(slot), false);
    states.cancel(slot);
    assert.equal(states.isCancelled(slot), true);
    states.rest();
    assert.equal(states.current, 0);
  });

  it("puts a call back unless it was cancelled meanwhile", () => {
    const states = CallStates.ofSize(1);
    states.queue(slot);
    states.start(slot);
    assert.equal(states.putBack(slot), true);
    assert.equal(states.withdraw(slot), true);
    assert.equal(states.putBack(slot), false);
  });

  it("shares what it knows", () => {
    const states = CallStates.ofSize(1);
    const other = new CallStates(states.shared);
    states.doom();
    assert.equal(other.isDoomed, true);
    assert.throws(() => other.enter(), Doomed);
  });

  it("waits for a thread that is at work", () => {
    const states = CallStates.ofSize(1);
    states.enter();
    assert.equal(states.waitUntilOut(1), false);
    states.leave();
    assert.equal(states.waitUntilOut(1), true);
  });
});
