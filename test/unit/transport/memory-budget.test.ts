import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BudgetHolder, MemoryBudget } from "../../../src/transport/memory-budget.ts";

interface TestHolder extends BudgetHolder {
  isCut: boolean;
}

function holder(): TestHolder {
  return {
    accountedBytes: 0,
    isCut: false,
    get heldBytes() {
      return this.isCut ? 0 : this.accountedBytes;
    },
    shed() {
      this.isCut = true;
    },
  };
}

describe("MemoryBudget", () => {
  it("knows what all hold together", () => {
    const budget = new MemoryBudget(1000);
    const [a, b] = [holder(), holder()];
    budget.account(a, 100);
    budget.account(b, 200);
    budget.account(a, 50);
    assert.equal(budget.heldBytes, 250);
    assert.equal(a.accountedBytes, 50);
    budget.account(a, 0);
    budget.account(b, 0);
    assert.equal(budget.heldBytes, 0);
    assert.equal(budget.shed, 0);
  });

  it("cuts those that hold the most, down to nine tenths", () => {
    const budget = new MemoryBudget(1000);
    const sizes = [100, 400, 50, 300, 140];
    const holders = sizes.map((bytes) => {
      const one = holder();
      budget.account(one, bytes);
      return one;
    });
    assert.equal(budget.shed, 0, "990 of 1,000");
    const last = holder();
    budget.account(last, 20);
    assert.deepEqual(
      holders.map(({ isCut }) => isCut),
      [false, true, false, false, false],
    );
    assert.equal(last.isCut, false);
    assert.equal(budget.heldBytes, 610);
    assert.equal(budget.shed, 1);
  });

  it("cuts several if one isn't enough, also the one that was the last straw", () => {
    const budget = new MemoryBudget(100);
    const holders = Array.from({ length: 10 }, () => holder());
    for (const one of holders) budget.account(one, 10);
    const large = holder();
    budget.account(large, 500);
    assert.equal(large.isCut, true);
    assert.equal(holders.filter(({ isCut }) => isCut).length, 1);
    assert.equal(budget.heldBytes, 90);
    assert.equal(budget.shed, 2);
  });

  it("doesn't cut anybody when somebody holds less than before", () => {
    const budget = new MemoryBudget(100);
    const one = holder();
    one.accountedBytes = 500;
    budget.heldBytes = 500;
    budget.account(one, 400);
    assert.equal(budget.shed, 0);
  });
});
